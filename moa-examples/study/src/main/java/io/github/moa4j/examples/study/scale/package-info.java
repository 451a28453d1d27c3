/**
 * What routers keep and cost where states are wide or domains many. States of prompts go in, tables
 * come out. It may use the routers, their statistics and {@code study.measurement}.
 */
package io.github.moa4j.examples.study.scale;
