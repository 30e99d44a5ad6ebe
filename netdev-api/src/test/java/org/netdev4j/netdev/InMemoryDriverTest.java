package org.netdev4j.netdev;

class InMemoryDriverTest extends NetDevContract {
    private InMemoryDriver driver;

    @Override
    protected NetDevOps open() {
        driver = new InMemoryDriver();
        return driver;
    }

    @Override
    protected void settle() {
        driver.settle();
    }
}
