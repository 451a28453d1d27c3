/**
 * What a mixture is asked to see how far its routing can be trusted: prompts in many forms, beside
 * foreign text, and texts of no domain. Examples and text files go in, questions and shares come
 * out. It uses no other room.
 */
package io.github.moa4j.examples.study.trust;
