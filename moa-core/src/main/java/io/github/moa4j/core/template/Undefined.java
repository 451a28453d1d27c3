package io.github.moa4j.core.template;

/**
 * The value of a name or key that does not exist: empty text, false, no elements, and an error if
 * used on.
 *
 * @param reason what the error says
 */
record Undefined(String reason) {

  /** What a name without a value has. */
  static Undefined name(String name) {
    return new Undefined("'" + TemplateException.quote(name) + "' is undefined");
  }

  /** What a value gives for a key or attribute that it does not have. */
  static Undefined member(Object owner, Object key) {
    String name =
        key instanceof String || key instanceof Number ? key.toString() : "a " + Values.type(key);
    return new Undefined(
        "'"
            + TemplateException.quote(name)
            + "' is undefined: a "
            + Values.type(owner)
            + " does not have it");
  }

  TemplateException error() {
    return new TemplateException(reason);
  }
}
