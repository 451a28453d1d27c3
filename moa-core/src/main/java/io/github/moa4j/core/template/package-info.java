/**
 * The interpreter of chat templates: the part of the Jinja language that the templates of language
 * models use, with the settings and the extra functions they are written for. The text of a
 * template and its variables come in, the rendered text goes out. May use the core root package
 * only.
 *
 * <p>A template goes from {@code Lexer} through {@code StatementParser} and {@code
 * ExpressionParser}, which turn it into {@code Statement}s and {@code Expression}s that run in a
 * {@code Scope} and pay from its {@code Budget}. A further filter, test, method or function is an
 * {@code Operation} in one of the tables of {@code Filters}, {@code Conditions}, {@code Methods}
 * and {@code Globals}.
 *
 * <p>Values inside are Java's: {@code null} is none, and beside it there are {@link
 * java.lang.Boolean}, {@link java.lang.Long}, {@link java.math.BigInteger}, {@link
 * java.lang.Double}, {@link java.lang.String}, {@link java.util.List}, {@link java.util.Map} and
 * the package's own Tuple, Range, View, Generator, Undefined, Callable and Attributes. A template
 * reaches nothing else: no Java object, no file, no other template.
 */
package io.github.moa4j.core.template;
