package io.github.moa4j.core.template;

/** The value of a name or key that does not exist: empty text, false, and an error if used on. */
record Undefined(String name) {

  TemplateException error() {
    return new TemplateException("'" + name + "' is undefined");
  }
}
