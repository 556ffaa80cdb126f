// The page before its script has arrived, and without any.
import { expect, openTape, sound, TAPE, test } from "./support";

test.describe("with JavaScript off", () => {
    test.use({ javaScriptEnabled: false });

    test("the list stands there, and each track has the browser's own player", async ({ page }) => {
        await page.goto(TAPE);
        const tracks = page.locator(".track");
        const count = await tracks.count();
        expect(count).toBeGreaterThanOrEqual(8);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("First Warm Evening");
        await expect(page.locator(".notes-text")).toContainText(/\w{4}/);
        const players = page.locator(".track audio[controls]");
        await expect(players).toHaveCount(count);
        await expect(players.first()).toBeVisible();
        await expect(page.locator(".player")).toBeHidden();

        // The test's own hand on the element; the page itself runs no script.
        const first = players.first();
        await first.evaluate((audio: HTMLAudioElement) => audio.play());
        await expect.poll(() => first.evaluate((audio: HTMLAudioElement) => audio.currentTime)).toBeGreaterThan(0.5);
        const link = await tracks.first().getByRole("link").getAttribute("href");
        expect((await page.request.get(link ?? "", { headers: { Range: "bytes=0-1" } })).status()).toBe(206);
    });
});

test("until the script has arrived, the browser's own controls play the first track, and go on after", async ({ page }) => {
    let release = () => {};
    const held = new Promise<void>((go) => (release = go));
    await page.route(/\.wasm$/, async (route) => {
        await held;
        await route.continue();
    });
    await page.goto(TAPE, { waitUntil: "commit" });
    const audio = page.locator("audio.player-native");
    await expect(audio).toBeVisible();
    await expect(audio).toHaveAttribute("controls");
    await audio.evaluate((element: HTMLAudioElement) => element.play());
    await expect.poll(async () => (await sound(page)).time).toBeGreaterThan(0.3);
    release();
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    expect((await sound(page)).paused).toBe(false);
});

test("nothing jumps while the page comes to life", async ({ page }) => {
    await page.addInitScript(() => {
        (window as any).shifts = [];
        new PerformanceObserver((list) => {
            for (const shift of list.getEntries()) (window as any).shifts.push((shift as any).value);
        }).observe({ type: "layout-shift", buffered: true });
    });
    await openTape(page);
    await page.evaluate(() => document.fonts.ready);
    const shifts: number[] = await page.evaluate(() => (window as any).shifts);
    expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.01);
});
