package org.netdev4j.netdev.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.netdev4j.DeviceState")
@Label("Device State")
@Category("netdev4j")
@Description("A device went from one state of its life to another.")
@StackTrace(false)
final class DeviceStateEvent extends Event {
    @Label("Device")
    String device;

    @Label("From")
    String from;

    @Label("To")
    String to;
}
