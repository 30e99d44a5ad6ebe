package org.netdev4j.examples;

import org.netdev4j.virtio.net.backend.Fabric;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What {@code netdev4j switch} joins. */
sealed interface SwitchPort permits VhostUserPort, TapSwitchPort, PcapSwitchPort {
    /**
     * Plugs it into {@code fabric}.
     *
     * @param mtu of a device that it makes, bytes
     */
    JoinedPort join(Fabric fabric, int mtu);

    /** For the command line. */
    final class Converter implements ITypeConverter<SwitchPort> {
        @Override
        public SwitchPort convert(String text) {
            if (text.startsWith(VhostUserPort.KIND)) {
                return VhostUserPort.parse(text);
            }
            if (text.startsWith(TapSwitchPort.KIND)) {
                return TapSwitchPort.parse(text);
            }
            if (text.startsWith(PcapSwitchPort.KIND)) {
                return PcapSwitchPort.parse(text);
            }
            throw new TypeConversionException("\"" + text + "\" is no port, expected " + TapSwitchPort.USAGE + ", "
                    + VhostUserPort.USAGE + " or " + PcapSwitchPort.USAGE);
        }
    }
}
