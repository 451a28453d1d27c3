/**
 * Worked examples of three fields, each a program: notes, report lines and machine logs come in,
 * fields go out. Each trains one adapter on generated records and shows what it answers. They may
 * use every room.
 */
package io.github.moa4j.examples.guides;
