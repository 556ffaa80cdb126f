// Finding music in the editor: typing, opening, hearing beforehand.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, signIn, test } from "./support";

async function openEditor(page: Page): Promise<void> {
    await signIn(page);
    await page.getByRole("link", { name: "New mixtape" }).click();
    await expect(page.getByRole("searchbox", { name: "Search your library" })).toBeVisible();
    await expect(page.locator("html[data-ready]")).toBeAttached();
}

/** The sound of what is heard beforehand. */
function heard(page: Page): Promise<{ time: number; decoded: number; paused: boolean; source: string }> {
    return page.locator(".preview audio").evaluate((element) => {
        const audio = element as HTMLAudioElement & { webkitAudioDecodedByteCount: number };
        return {
            time: audio.currentTime,
            decoded: audio.webkitAudioDecodedByteCount,
            paused: audio.paused,
            source: decodeURIComponent(audio.currentSrc),
        };
    });
}

test("the owner signs in, sees the library read, searches, hears a song, signs out and is refused", async ({ page }) => {
    await signIn(page);
    await page.getByRole("link", { name: "Library" }).click();
    const job = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Music library" }) });
    await expect(job).toContainText("Done: 13 files");

    await page.goto("/editor");
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await page.getByRole("searchbox").fill("siesta");
    const songs = page.getByRole("region", { name: "Songs" });
    const row = songs.getByRole("listitem").filter({ hasText: "Siesta" });
    await expect(row.locator("mark")).toHaveText("Siesta");
    await row.getByRole("button", { name: "Listen to Siesta" }).click();
    await expect(row.getByRole("button", { name: "Pause Siesta" })).toBeVisible();
    await expect.poll(async () => (await heard(page)).time).toBeGreaterThan(0.5);
    const sound = await heard(page);
    expect(sound.decoded).toBeGreaterThan(0);
    expect(sound.source).toContain("Siesta");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Stop listening" }).click();
    await expect.poll(async () => (await heard(page)).paused).toBe(true);

    await page.goto("/mixtapes");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page).toHaveURL(/\/$/);
    await page.goto("/editor");
    await expect(page).toHaveURL(/\/login$/);
    expect((await page.request.get("/api/search?q=siesta")).status()).toBe(401);
});

test("an artist opens into releases and these into songs", async ({ page }) => {
    await openEditor(page);
    await page.getByRole("searchbox").fill("artist:falk");
    const artist = page.getByRole("region", { name: "Artists" }).getByRole("listitem").first();
    await artist.getByRole("button", { name: /^Ines Falk/ }).click();
    await artist.getByRole("button", { name: /^Tape Hiss & Tea/ }).click();
    await expect(artist.getByRole("button", { name: "Listen to Ten Minutes by the Window" })).toBeVisible();
    await expect(artist.getByRole("button", { name: "Put all of it on the tape" })).toBeVisible();
    await expectAccessible(page);
});

test("typing errors are forgiven, what is not there is said, and an emptied field shows how to search", async ({ page }) => {
    await openEditor(page);
    const field = page.getByRole("searchbox");
    await expect(page.getByText("Two letters are enough")).toBeVisible();
    await field.fill("seista");
    await expect(page.getByText("Nothing is called that. This is what comes closest:")).toBeVisible();
    await expect(page.getByRole("region", { name: "Songs" })).toContainText("Siesta");
    await field.fill("qqqqzzzz");
    await expect(page.getByText("Nothing in your library is called that.")).toBeVisible();
    await field.fill("");
    await expect(page.getByText("Two letters are enough")).toBeVisible();
});

test("a server that cannot be reached is told, and another attempt finds", async ({ page }) => {
    await openEditor(page);
    await page.route("**/api/search?*", (route) => route.abort());
    await page.getByRole("searchbox").fill("siesta");
    await expect(page.getByText("The server cannot be reached. Check your connection.").last()).toBeVisible();
    await page.unroute("**/api/search?*");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("region", { name: "Songs" })).toContainText("Siesta");
});
