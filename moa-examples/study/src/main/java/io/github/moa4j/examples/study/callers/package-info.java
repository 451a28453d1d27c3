/**
 * Who asks for long or in crowds, in Java processes of their own. A folder and numbers of callers
 * or requests go in as arguments, measured values come out as lines of text. It uses {@code
 * synthetic}, {@code measurement} and {@code process}.
 */
package io.github.moa4j.examples.study.callers;
