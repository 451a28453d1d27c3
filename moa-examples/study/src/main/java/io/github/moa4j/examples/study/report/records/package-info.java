/**
 * What a comparison measures, a record a kind of result. Numbers come in and go out as JSON, so
 * that a stopped comparison goes on. It uses no other room.
 */
package io.github.moa4j.examples.study.report.records;
