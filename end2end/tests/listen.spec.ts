// Listening to a shared tape, as whoever was given the link does.
import { chooseQuality, expect, expectSoundAdvances, LONG_TRACK, openTape, seekTo, sound, test } from "./support";

test("press play, hear it, seek into the middle, and the next track comes by itself", async ({ page }) => {
    await openTape(page);
    const player = page.getByRole("region", { name: "Player" });
    const titles = await page.locator(".track-title").allTextContents();
    expect(titles.length).toBeGreaterThanOrEqual(8);

    await player.getByRole("button", { name: "Play", exact: true }).click();
    await expect(player.getByRole("button", { name: "Pause" })).toBeVisible();
    await expectSoundAdvances(page);
    await expect(page).toHaveTitle(new RegExp(titles[0]));

    const length = (await sound(page)).duration;
    await seekTo(page, Math.floor(length) - 2);
    await expect(player.locator(".player-title")).toHaveText(titles[1]);
    await expectSoundAdvances(page);
    expect((await sound(page)).source).toContain("quality=medium");
    await expect(page.locator(".track[class*=is-current] .track-title")).toHaveText(titles[1]);
});

test("a seek to the middle of ten minutes is a 206 from there, and plays", async ({ page }) => {
    await openTape(page);
    await page.getByRole("link", { name: LONG_TRACK }).click();
    await expectSoundAdvances(page);
    const part = page.waitForResponse((response) => {
        const start = /bytes (\d+)-/.exec(response.headers()["content-range"] ?? "")?.[1];
        return response.url().includes("/play/") && response.status() === 206 && Number(start) > 1_000_000;
    });
    await seekTo(page, 300);
    await part;
    await expect.poll(async () => (await sound(page)).time).toBeGreaterThan(300);
    await expectSoundAdvances(page);
    await expect(page.locator(".seek-time").first()).toHaveText(/^5:0\d$/);
    await expect(page.locator(".seek-time").last()).toHaveText("10:00");
});

test("the end of ten minutes sounds at once in a quality that nobody has asked for before", async ({ page, isMobile }) => {
    // Each project takes a quality of its own, or the second one would find the track in the cache.
    const [name, quality, bytesASecond] = isMobile ? (["Low", "low", 16_000] as const) : (["High", "high", 32_000] as const);
    await openTape(page);
    await chooseQuality(page, name);
    await page.getByRole("link", { name: LONG_TRACK }).click();
    await expectSoundAdvances(page);
    const before = await sound(page);
    const part = page.waitForResponse((response) => {
        const start = /bytes (\d+)-/.exec(response.headers()["content-range"] ?? "")?.[1];
        return response.url().includes("/play/") && Number(start) > 530 * bytesASecond;
    });
    await seekTo(page, 540);
    await expect.poll(async () => (await sound(page)).time, { message: "sound beyond 9:00", timeout: 15_000 }).toBeGreaterThan(540.5);
    const response = await part;
    expect([response.status(), response.headers()["content-type"]]).toEqual([206, "audio/mpeg"]);
    expect(response.url()).toContain(`quality=${quality}`);
    const after = await sound(page);
    expect(after.decoded).toBeGreaterThan(before.decoded);
    expect(after.duration).toBeCloseTo(600, 0);
    await expect(page.locator(".seek-time").first()).toHaveText(/^9:0\d$/);
});

/** A second of silence in a format that Chromium does not play. */
function aiff(): Buffer {
    const samples = 8000;
    const file = Buffer.alloc(54 + samples * 2);
    file.write("FORM", 0);
    file.writeUInt32BE(file.length - 8, 4);
    file.write("AIFFCOMM", 8);
    file.writeUInt32BE(18, 16);
    file.writeUInt16BE(1, 20);
    file.writeUInt32BE(samples, 22);
    file.writeUInt16BE(16, 26);
    // 8,000 Hz as a float of 80 bits.
    file.set([0x40, 0x0b, 0xfa, 0, 0, 0, 0, 0, 0, 0], 28);
    file.write("SSND", 38);
    file.writeUInt32BE(8 + samples * 2, 42);
    return file;
}

test("an original that this browser cannot play goes on as MP3 from the same place", async ({ page }) => {
    let originals = 0;
    await page.route(/\/play\/[^?]+$/, async (route) => {
        originals += 1;
        await route.fulfill({ contentType: "audio/aiff", body: aiff() });
    });
    await openTape(page);
    await page.getByRole("link", { name: "Kaffee & Kassetten" }).click();
    await expectSoundAdvances(page);
    await seekTo(page, 12);
    await expect.poll(async () => (await sound(page)).time).toBeGreaterThan(12.5);
    const place = (await sound(page)).time;
    await chooseQuality(page, "Original");
    const notice = page.getByRole("region", { name: "Player" }).getByRole("status");
    await expect(notice).toHaveText("“Kaffee & Kassetten” is not playable here as original, playing as MP3.");
    await expect.poll(async () => (await sound(page)).source).toContain("quality=medium");
    await expectSoundAdvances(page);
    expect((await sound(page)).time).toBeGreaterThan(place);
    expect(originals, "the original was asked for, and not again and again").toBeLessThanOrEqual(2);
    expect(originals).toBeGreaterThan(0);

    await page.getByRole("button", { name: "Next track" }).click();
    await expect(notice).toHaveText(/is not playable here as original, playing as MP3\.$/);
    await expectSoundAdvances(page);
});

test("another quality goes on from the same place, and is remembered", async ({ page }) => {
    await openTape(page);
    await page.getByRole("link", { name: "Kaffee & Kassetten" }).click();
    await expectSoundAdvances(page);
    expect((await sound(page)).source).toContain("quality=medium");
    await seekTo(page, 12);
    await expect.poll(async () => (await sound(page)).time).toBeGreaterThan(12.5);
    const [then, place] = [Date.now(), (await sound(page)).time];
    await chooseQuality(page, "Low");
    await expect.poll(async () => (await sound(page)).source).toContain("quality=low");
    await expectSoundAdvances(page);
    const changed = await sound(page);
    expect(changed.paused).toBe(false);
    expect(changed.time).toBeGreaterThan(place);
    expect(changed.time - place, "no second is left out").toBeLessThan((Date.now() - then) / 1000 + 1);

    // What stands still goes on standing still, at its place.
    await page.getByRole("button", { name: "Pause" }).click();
    await expect.poll(async () => (await sound(page)).paused).toBe(true);
    const stopped = (await sound(page)).time;
    await chooseQuality(page, "Original");
    await expect.poll(async () => (await sound(page)).source).toMatch(/\.wav$/);
    await expect.poll(async () => (await sound(page)).duration).toBeGreaterThan(30);
    const still = await sound(page);
    expect(still.paused).toBe(true);
    expect(Math.abs(still.time - stopped)).toBeLessThan(1);

    await page.reload();
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await expect.poll(async () => (await sound(page)).source).toMatch(/\/play\/[^?]+$/);
    await expect(page.locator(".track-link").first()).toHaveAttribute("href", /\/play\/[^?]+$/);
    await expect(page.locator(".more input:checked")).toHaveValue("original");
});

test("next, previous, choosing a row and pausing do what they say", async ({ page }) => {
    await openTape(page);
    const titles = await page.locator(".track-title").allTextContents();
    const title = page.locator(".player-title");
    await page.getByRole("link", { name: titles[2] }).click();
    await expect(title).toHaveText(titles[2]);
    await expectSoundAdvances(page);
    // On a phone "previous" is on the sheet.
    const open = page.getByRole("button", { name: "Open the player" });
    if (await open.isVisible()) await open.click();
    await page.getByRole("button", { name: "Next track" }).click();
    await expect(title).toHaveText(titles[3]);
    // At once, for after some seconds it goes to the start of the track.
    await page.getByRole("button", { name: "Previous track" }).click();
    await expect(title).toHaveText(titles[2]);
    await expectSoundAdvances(page);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect.poll(async () => (await sound(page)).paused).toBe(true);
    await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
});

test("every format of the tape plays", async ({ page }) => {
    await openTape(page);
    const rows = page.locator(".track-link");
    const endings = new Set<string>();
    for (let row = 0; row < (await rows.count()); row++) {
        const ending = /\.(\w+)\?/.exec((await rows.nth(row).getAttribute("href")) ?? "")?.[1] ?? "";
        if (endings.has(ending)) continue;
        endings.add(ending);
        await rows.nth(row).click();
        await expect.poll(async () => (await sound(page)).source).toContain(`.${ending}`);
        await expectSoundAdvances(page);
    }
    expect([...endings].sort()).toEqual(["flac", "mp3", "ogg", "wav"]);
});

test("a track that is gone is named and passed over", async ({ page }) => {
    await page.route(/\/play\/.*K%C3%B6ln/, (route) => route.fulfill({ status: 404, body: "{}" }));
    await openTape(page);
    const titles = await page.locator(".track-title").allTextContents();
    const gone = titles.findIndex((title) => title.includes("Köln"));
    await page.getByRole("link", { name: titles[gone] }).click();
    await expect(page.getByRole("status")).toContainText(titles[gone]);
    await expect(page.locator(".player-title")).toHaveText(titles[gone + 1]);
    await expectSoundAdvances(page);
});

test("the keyboard alone is enough", async ({ page, isMobile }) => {
    test.skip(isMobile, "a phone has no keyboard");
    await openTape(page);
    await page.getByRole("button", { name: "Play", exact: true }).focus();
    await page.keyboard.press("Space");
    await expectSoundAdvances(page);
    const line = page.getByRole("slider", { name: "Place in the track" });
    await line.focus();
    const before = (await sound(page)).time;
    for (let press = 0; press < 5; press++) await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await sound(page)).time).toBeGreaterThan(before + 4);
    await expect(line).toHaveAttribute("aria-valuetext", /seconds? of .*seconds?/);
    await page.getByRole("slider", { name: "Volume" }).focus();
    await page.keyboard.press("Home");
    expect(await page.locator("audio.player-native").evaluate((audio: HTMLAudioElement) => audio.volume)).toBe(0);
});

test("the volume is remembered", async ({ page, isMobile }) => {
    test.skip(isMobile, "phones have buttons for it");
    await openTape(page);
    await page.getByRole("slider", { name: "Volume" }).fill("0.35");
    await page.reload();
    await expect(page.locator("html[data-ready]")).toBeAttached();
    const volume = () => page.locator("audio.player-native").evaluate((audio: HTMLAudioElement) => audio.volume);
    await expect.poll(volume).toBeCloseTo(0.35, 2);
});

test("on a phone the player opens into a sheet and closes again", async ({ page, isMobile }) => {
    test.skip(!isMobile, "there is room for everything on a desktop");
    await openTape(page);
    const sheet = page.getByRole("button", { name: "Open the player" });
    await sheet.click();
    await expect(page.getByRole("button", { name: "Close the player" })).toHaveAttribute("aria-expanded", "true");
    const play = await page.getByRole("button", { name: "Play", exact: true }).boundingBox();
    expect(play?.width).toBeGreaterThanOrEqual(64);
    await page.keyboard.press("Escape");
    await expect(sheet).toHaveAttribute("aria-expanded", "false");
});
