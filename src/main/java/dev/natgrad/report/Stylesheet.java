package dev.natgrad.report;

/** The page's style: one set of rules over variables that the reader's colour scheme picks. */
final class Stylesheet {
  static final String CSS =
      ":root{color-scheme:light dark;--paper:#ffffff;--ink:#1b1f24;--muted:#57606a;"
          + "--rule:#d5dae0;--grid:#e3e7eb;--faint:#f0f2f4;--contour:#717a85;--bad:#b3261e;"
          + Palette.variables(Palette.LIGHT)
          + "}\n@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e9e7e2;"
          + "--muted:#a4acb6;--rule:#3a424b;--grid:#2b3138;--faint:#20252b;--contour:#77818c;"
          + "--bad:#ff8f85;"
          + Palette.variables(Palette.DARK)
          + "}.shade{filter:invert(1)}}\n"
          + rules();

  private Stylesheet() {}

  private static String rules() {
    return """
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);
          font:17px/1.55 Charter,"Bitstream Charter",Georgia,Cambria,serif}
        main{max-width:1044px;margin:0 auto;padding:48px 32px 96px}
        h1{font-size:34px;line-height:1.2;margin:0 0 12px;letter-spacing:-.01em}
        h2{font-size:23px;line-height:1.3;margin:56px 0 10px;padding-top:20px;
          border-top:1px solid var(--rule)}
        p{margin:0 0 14px;max-width:46em}
        figure{margin:30px 0 38px}
        figcaption,caption{font-size:15px;line-height:1.5;color:var(--muted);max-width:52em;
          text-align:left}
        figcaption{margin-top:8px}
        caption{margin-bottom:8px}
        figcaption b,caption b{color:var(--ink)}
        svg,th,td,.legend,summary{font-family:system-ui,-apple-system,"Segoe UI",Roboto,
          "Helvetica Neue",Arial,"Liberation Sans","DejaVu Sans",sans-serif}
        svg.chart{display:block;max-width:100%;height:auto}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));
          gap:12px 20px}
        .panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,225px),1fr));
          gap:12px 10px;margin-bottom:-14px}
        .legend{display:flex;flex-wrap:wrap;gap:4px 22px;font-size:13px;margin:0 0 10px;
          max-width:none}
        .key{display:inline-flex;align-items:center;gap:7px}
        .scroll{overflow-x:auto}
        .scroll svg.chart{min-width:620px}
        .scroll+.pair{margin-top:14px}
        table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums;
          border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}
        th,td{padding:6px 10px;text-align:right;white-space:nowrap;font-weight:400}
        th:first-child,td:first-child{padding-left:4px}
        th:last-child,td:last-child{padding-right:4px}
        thead th{border-bottom:1px solid var(--muted);
          color:var(--muted);vertical-align:bottom}
        th[scope=row],th:first-child{text-align:left}
        .table{width:100%}
        .dot{display:inline-block;width:10px;height:10px;border-radius:5px;margin-right:8px;
          background:currentColor}
        .bad{color:var(--bad);font-weight:600}
        details{margin-top:10px;font-size:14px}
        summary{cursor:pointer;color:var(--muted);font-size:13px}
        details table{margin:8px 0}
        .strip{border:0}
        .strip th{color:var(--ink)!important}
        .strip td,.strip th{padding:4px 8px;border:0!important;vertical-align:middle}
        .strip th:first-child{padding-left:0}
        img{display:block;image-rendering:pixelated;border:1px solid var(--rule)}
        text{fill:var(--ink);font-size:12px}
        text.tick{fill:var(--muted);font-variant-numeric:tabular-nums}
        text.title{font-size:13px}
        .middle{text-anchor:middle}
        .end{text-anchor:end}
        .grid,.faint,.axis,.line,.contour,.ellipse,.bound,.cross,.boundary,.halo,.start,.minimum{
          fill:none}
        .grid{stroke:var(--grid)}
        .faint{stroke:var(--faint)}
        .axis{stroke:var(--muted)}
        .line{stroke:currentColor;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
        .dense{stroke-width:1}
        .dashed{stroke-dasharray:5 4;stroke-width:1.5}
        .mark{fill:currentColor;stroke:var(--paper);stroke-width:.8}
        .bound{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:7 3}
        .cross{stroke:var(--bad);stroke-width:1.6}
        .contour{stroke:var(--contour);stroke-width:.9}
        .ellipse{stroke:var(--ink);stroke-width:1.2}
        .centre{fill:var(--ink)}
        .halo{stroke:var(--paper);stroke-width:4;stroke-linejoin:round;opacity:.75}
        .start{stroke:var(--ink);stroke-width:1.6}
        .minimum{stroke:var(--ink);stroke-width:2}
        .boundary{stroke:var(--ink);stroke-width:1.3}
        .point{fill:currentColor;stroke:var(--paper);stroke-width:.6}
        .ink{color:var(--ink)}
        .c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}
        .c3{color:var(--c3)}.c4{color:var(--c4)}.c5{color:var(--c5)}
        @media (max-width:640px){main{padding:24px 16px 64px}h1{font-size:27px}}
        @media print{main{max-width:none;padding:0}figure{break-inside:avoid}}
        """;
  }
}
