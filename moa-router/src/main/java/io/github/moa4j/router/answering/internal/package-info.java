/**
 * How answers get under way and come to an end: one or many at once, pulled, pushed or published,
 * reported to observers and to the audit, until the mixture closes. Questions and their ways go in;
 * answers and reports come out. It may use moa-core, the values of {@code router}, and the rooms
 * {@code routing}, {@code access} and {@code monitoring}, but not the mixture.
 */
package io.github.moa4j.router.answering.internal;
