/**
 * Personal data in what a model learns from: mail addresses, phone numbers, bank accounts, payment
 * cards and internet addresses, by their patterns and check digits. Texts, examples and domains
 * come in; where such data stands, how much there is, and copies with it masked go out. It may use
 * {@code data} and the core's text.
 */
package io.github.moa4j.training.personal;
