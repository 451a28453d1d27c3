/**
 * Personal data by its patterns and check digits: mail addresses, phone numbers, bank accounts,
 * payment cards and internet addresses. A text comes in; where such data stands in it, or the text
 * with it masked, goes out. It uses no other room.
 */
package io.github.moa4j.training.personal;
