package io.github.moa4j.router.monitoring.internal;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A router has decided; the duration is that of the decision without the base's own pass. */
@Name("io.github.moa4j.Routing")
@Label("Routing")
@Description("A router has decided which domain answers; without any text")
@Category("MoA4J")
@StackTrace(false)
public final class RoutingEvent extends Event {

  @Label("Domain")
  String domain;

  @Label("Confidence")
  double confidence;

  @Label("Abstention")
  String abstention;

  /** Ends the event with what was decided; empty texts for what there is not. */
  public void decided(String chosen, double sure, String why) {
    domain = chosen;
    confidence = sure;
    abstention = why;
    commit();
  }
}
