package org.netdev4j.netdev.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.netdev4j.QueueBroken")
@Label("Queue Broken")
@Category("netdev4j")
@Description("A queue is broken and moves nothing until its device is stopped and started.")
@StackTrace(false)
final class QueueBrokenEvent extends Event {
    @Label("Device")
    String device;

    @Label("Detail")
    String detail;
}
