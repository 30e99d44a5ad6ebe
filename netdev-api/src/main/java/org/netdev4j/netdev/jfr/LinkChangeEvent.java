package org.netdev4j.netdev.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.netdev4j.LinkChange")
@Label("Link Change")
@Category("netdev4j")
@Description("The link of a device changed.")
@StackTrace(false)
final class LinkChangeEvent extends Event {
    @Label("Device")
    String device;

    @Label("Detail")
    String detail;
}
