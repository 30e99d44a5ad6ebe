package org.netdev4j.netdev.fault;

import org.netdev4j.netdev.InMemoryDriver;
import org.netdev4j.netdev.NetDevContract;
import org.netdev4j.netdev.NetDevOps;

/** Without faults, a faulty device is a device like any other. */
class FaultlessContractTest extends NetDevContract {
    private InMemoryDriver driver;

    @Override
    protected NetDevOps open() {
        driver = new InMemoryDriver();
        return new FaultInjection(Faults.NONE, Faults.NONE, 1, System::nanoTime).decorate(driver, "under test");
    }

    @Override
    protected void settle() {
        driver.settle();
    }
}
