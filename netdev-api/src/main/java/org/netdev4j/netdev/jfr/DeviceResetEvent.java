package org.netdev4j.netdev.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.netdev4j.DeviceReset")
@Label("Device Needs Reset")
@Category("netdev4j")
@Description("A device asked to be reset and moves nothing until it is stopped and started.")
@StackTrace(false)
final class DeviceResetEvent extends Event {
    @Label("Device")
    String device;

    @Label("Detail")
    String detail;
}
