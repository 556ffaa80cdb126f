// The browser tests: the real server on the demo library, in a real Chromium, as a desktop and as a phone.
import { defineConfig } from "@playwright/test";

export const chromium = {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Without the background switches a browser without network spends its time looking for its maker's hosts.
    args: [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
};

export default defineConfig({
    testDir: "tests",
    globalSetup: "./server.ts",
    workers: 2,
    fullyParallel: true,
    forbidOnly: !!process.env.CI,
    reporter: process.env.CI ? [["list"]] : [["list", { printSteps: false }]],
    timeout: 60_000,
    expect: { timeout: 15_000 },
    use: { browserName: "chromium", launchOptions: chromium, trace: "retain-on-failure" },
    projects: [
        { name: "desktop", use: { viewport: { width: 1280, height: 800 } } },
        {
            name: "phone",
            use: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
        },
    ],
});
