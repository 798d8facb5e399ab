package dev.natgrad.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.w3c.dom.Element;

class MarkupProperties {
  @Property
  void anyTextComesBackFromTheParser(@ForAll String text) throws Exception {
    String page = new Markup().element("p", text, "title", text).toString();
    Element p = Xml.parse(page).getDocumentElement();
    assertEquals(readable(text), p.getTextContent());
    assertEquals(readable(text).replace('\n', ' ').replace('\t', ' '), p.getAttribute("title"));
  }

  @Example
  void markupInTextStaysText() throws Exception {
    String hostile = "</p><script>alert('1')</script>&amp;\" onload=\"x]]>";
    Element p =
        Xml.parse(new Markup().element("p", hostile, "id", hostile).toString())
            .getDocumentElement();
    assertEquals(hostile, p.getTextContent());
    assertEquals(hostile, p.getAttribute("id"));
    assertEquals(1, p.getAttributes().getLength());
  }

  @Example
  void unclosedElementsAreNoticed() {
    Markup open = new Markup().open("p");
    assertThrows(IllegalStateException.class, open::toString);
    assertThrows(IllegalArgumentException.class, () -> new Markup().open("p", "id"));
  }

  /** What XML 1.0 section 2.2 cannot carry, replaced. */
  private static String readable(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
              boolean control = c < 32 && c != 9 && c != 10;
              out.appendCodePoint(surrogate || control || c == 0xFFFE || c == 0xFFFF ? 0xFFFD : c);
            });
    return out.toString();
  }
}
