/**
 * The interpreter of chat templates: the part of the Jinja language that the templates of language
 * models use, with the settings and the extra functions they are written for. The text of a
 * template and its variables come in, the rendered text goes out. May use the core root package
 * only.
 *
 * <p>Values inside are Java's: {@code null} is none, and beside it there are {@link
 * java.lang.Boolean}, {@link java.lang.Long}, {@link java.lang.Double}, {@link java.lang.String},
 * {@link java.util.List}, {@link java.util.Map} and the package's own Undefined, Callable and
 * Attributes. A template reaches nothing else: no Java object, no file, no other template.
 */
package io.github.moa4j.core.template;
