package io.github.moa4j.core.registry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An adapter was brought into the engine's memory. */
@Name("io.github.moa4j.AdapterLoad")
@Label("Adapter Load")
@Description("An adapter was brought into the engine's memory")
@Category("MoA4J")
@StackTrace(false)
final class AdapterLoadEvent extends Event {

  @Label("Domain")
  String domain;

  @Label("Size")
  @DataAmount
  long size;
}
