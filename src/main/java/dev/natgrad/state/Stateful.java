package dev.natgrad.state;

/**
 * An object that can be left and taken up again: another one, built with the same arguments and
 * given this one's state, goes on with the same bits.
 *
 * <p>One method serves both ways, so that what is saved is what is restored.
 *
 * <p>Thread rule: the implementing class's, which states it.
 */
@FunctionalInterface
public interface Stateful {
  /**
   * Hands every vector and number that later results depend on to a {@link State}, and keeps what
   * it answers. The names and shapes depend on how the object was built alone, so that a state can
   * be checked before it is taken.
   *
   * @param state saves, restores or checks; allocation is allowed
   */
  void exchange(State state);
}
