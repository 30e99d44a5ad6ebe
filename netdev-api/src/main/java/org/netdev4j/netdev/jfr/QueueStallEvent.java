package org.netdev4j.netdev.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.netdev4j.QueueStall")
@Label("Queue Stall")
@Category("netdev4j")
@Description("A receive queue has no buffer left and its pool none to give.")
@StackTrace(false)
final class QueueStallEvent extends Event {
    @Label("Device")
    String device;

    @Label("Detail")
    String detail;
}
