package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class DeviceStringTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "loopback                       | loopback   | \"\"                  | {}",
        "hub:demo                       | hub        | demo                  | {}",
        "tap:nd0,mtu=9000,queues=2      | tap        | nd0                   | {mtu=9000, queues=2}",
        "vhost-user:/run/nd.sock,server | vhost-user | /run/nd.sock          | {server=}",
        "pci:0000:00:05.0               | pci        | 0000:00:05.0          | {}",
        "pcap:in.pcapng>out.pcapng      | pcap       | in.pcapng>out.pcapng  | {}",
        "tap:nd0,features=+CSUM-MQ      | tap        | nd0                   | {features=+CSUM-MQ}",
        "tap:nd0,pcap=a=b.pcapng        | tap        | nd0                   | {pcap=a=b.pcapng}",
        "loopback,mac=02:00:00:00:00:01 | loopback   | \"\"                  | {mac=02:00:00:00:00:01}"})
    void forms(String text, String kind, String address, String options) {
        DeviceString device = DeviceString.parse(text);
        assertEquals(kind, device.kind());
        assertEquals(address, device.address());
        assertEquals(options, device.options().toString());
        assertEquals(text, device.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "\"\"           | 0 | expected the kind of device",
        "TAP:nd0        | 0 | expected the kind of device",
        ":nd0           | 0 | expected the kind of device",
        "9p             | 0 | expected the kind of device",
        "tap:           | 4 | expected an address after \":\"",
        "tap:,mtu=9000  | 4 | expected an address after \":\"",
        "tap:nd0,       | 8 | expected the name of an option",
        "tap:nd0,=9000  | 8 | expected the name of an option",
        "tap:nd0,,mtu=1 | 8 | expected the name of an option",
        "tap:nd0,Mtu=1  | 8 | expected the name of an option",
        "tap:nd0, mtu=1 | 8 | expected the name of an option",
        "tap:nd0,mtu=   | 12 | expected a value for option mtu",
        "tap:n,a=1,b,a  | 12 | option a is given twice"})
    void errorsNameThePositionAndWhatWasExpected(String text, int position, String expected) {
        DeviceStringException e = assertThrows(DeviceStringException.class, () -> DeviceString.parse(text));
        String start = "device \"" + text + "\", position " + position + ": " + expected;
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
    }

    @Property
    void everyDeviceStringSurvivesPrintingAndParsing(@ForAll("deviceStrings") DeviceString device) {
        assertEquals(device, DeviceString.parse(device.toString()));
        assertEquals(List.copyOf(device.options().keySet()),
                List.copyOf(DeviceString.parse(device.toString()).options().keySet()), "order of options");
    }

    @Property
    void anyTextParsesToWhatItPrintsOrIsRefused(@ForAll String text) {
        try {
            assertEquals(text, DeviceString.parse(text).toString());
        } catch (DeviceStringException e) {
            assertTrue(e.getMessage().contains("position"), e.getMessage());
        }
    }

    @Provide
    Arbitrary<DeviceString> deviceStrings() {
        Arbitrary<String> words = Combinators
                .combine(Arbitraries.strings().withCharRange('a', 'z').ofLength(1),
                        Arbitraries.strings().withCharRange('a', 'z').numeric().withChars('-').ofMaxLength(6))
                .as(String::concat);
        Arbitrary<String> texts = Arbitraries.strings().excludeChars(',').ofMaxLength(12).withoutEdgeCases();
        return Combinators.combine(words, texts, Arbitraries.maps(words, texts).ofMaxSize(4)).as(DeviceString::new);
    }

    @Test
    void partsThatCannotBeWrittenAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new DeviceString("Tap", "", Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new DeviceString("tap", "a,b", Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new DeviceString("tap", "", Map.of("a b", "1")));
        assertThrows(IllegalArgumentException.class, () -> new DeviceString("tap", "", Map.of("a", "1,2")));
    }

    @Test
    void optionsAreReadByType() {
        DeviceString device = DeviceString.parse("tap:nd0,size=512,ring=split,server,mac=02:00:00:00:00:01");
        assertEquals("nd0", device.requireAddress("the name of an interface"));
        assertEquals(512, device.intOption("size", 256, 2, 32768));
        assertEquals(256, device.intOption("depth", 256, 2, 32768));
        assertEquals("split", device.choiceOption("ring", "packed", List.of("split", "packed")));
        assertEquals("packed", device.choiceOption("other", "packed", List.of("split", "packed")));
        assertTrue(device.flag("server"));
        assertFalse(device.flag("client"));
        assertEquals(MacAddress.parse("02:00:00:00:00:01"), device.macOption("mac", null));
        assertNull(device.macOption("peer", null));
        assertEquals("512", device.option("size", null));
        assertNull(device.option("none", null));
        device.rejectUnknown(Set.of("size", "ring", "server", "mac", "mtu"));
    }

    @Test
    void wrongOptionsSayWhatIsAllowed() {
        String text = "tap:nd0,size=4x,mac=01:00:00:00:00:00,ring=round,server=yes,pcap";
        DeviceString device = DeviceString.parse(text);
        assertMessage(text, "option size is \"4x\", allowed is a number from 2 to 32768",
                () -> device.intOption("size", 256, 2, 32768));
        assertMessage(text,
                "option mac is \"01:00:00:00:00:00\", allowed is a unicast address: bit 0 of the first byte clear",
                () -> device.macOption("mac", null));
        assertMessage(text, "option ring is \"round\", allowed is one of packed, split",
                () -> device.choiceOption("ring", "split", List.of("split", "packed")));
        assertMessage(text, "option server takes no value, but \"yes\" was given", () -> device.flag("server"));
        assertMessage(text, "option pcap needs a value: pcap=...", () -> device.option("pcap", null));
        assertMessage(text, "tap takes no address, but \"nd0\" was given", device::rejectAddress);
    }

    @Test
    void numbersBeyondTheLimitsAreRefused() {
        DeviceString device = DeviceString.parse("tap:nd0,size=65536,mac=02:zz:00:00:00:00");
        assertMessage("tap:nd0,size=65536,mac=02:zz:00:00:00:00",
                "option size is \"65536\", allowed is a number from 2 to 32768",
                () -> device.intOption("size", 256, 2, 32768));
        assertMessage("tap:nd0,size=65536,mac=02:zz:00:00:00:00",
                "option mac is \"02:zz:00:00:00:00\", allowed is six bytes in hexadecimal with colons",
                () -> device.macOption("mac", null));
    }

    @Test
    void anUnknownOptionListsTheKnownAndSuggests() {
        assertMessage("tap:nd0,mut=1", "unknown option \"mut\" (did you mean \"mtu\"?); known: mtu, queues",
                () -> DeviceString.parse("tap:nd0,mut=1").rejectUnknown(Set.of("queues", "mtu")));
        assertMessage("tap:nd0,colour=1", "unknown option \"colour\"; known: mtu, queues",
                () -> DeviceString.parse("tap:nd0,colour=1").rejectUnknown(Set.of("queues", "mtu")));
        assertMessage("tap:nd0,mtu=1", "unknown option \"mtu\"; tap takes none",
                () -> DeviceString.parse("tap:nd0,mtu=1").rejectUnknown(Set.of()));
    }

    @Test
    void aMissingAddressIsNamed() {
        assertMessage("tap", "needs the name of an interface after \"tap:\"",
                () -> DeviceString.parse("tap").requireAddress("the name of an interface"));
    }

    private static void assertMessage(String device, String message, Executable call) {
        DeviceStringException e = assertThrows(DeviceStringException.class, call);
        assertEquals("device \"" + device + "\": " + message, e.getMessage());
    }
}
