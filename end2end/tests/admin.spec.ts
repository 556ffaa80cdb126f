// The owner's view of the cache: figures, jobs as they come on, making room.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, signIn, test } from "./support";

async function openCache(page: Page): Promise<void> {
    await signIn(page);
    await page.getByRole("link", { name: "Cache" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cache");
}

/** A report of the task “some-tape”, as the server sends it. */
function report(second: number, step: string, status: string, message: string): string {
    const timestamp = `2026-04-12T19:42:0${second}.000000Z`;
    const current = Math.max(0, second - 1);
    const data = { id: second, run: 1, task_id: "some-tape", step, status, message, current, total: 4, timestamp };
    return `id: ${second}\ndata: ${JSON.stringify(data)}\n\n`;
}

const REPORTS = [
    report(1, "caching", "pending", "Waiting for its turn"),
    report(2, "track_failed", "in_progress", "“Hiss”: <b>damaged</b> & short"),
    report(3, "track_cached", "in_progress", "“Tea” is ready"),
];
const END = report(5, "summary", "completed", "3 tracks made ready, 1 failed");

test("jobs come on, end and lose their connection before the owner's eyes", async ({ page }) => {
    let connections = 0;
    let release = () => {};
    const held = new Promise<void>((go) => (release = go));
    await page.route("**/admin/progress", async (route) => {
        connections += 1;
        if (connections > 2) return route.abort();
        // The second time all is told again, and the end.
        if (connections === 2) await held;
        const events = connections === 1 ? REPORTS : [...REPORTS, END];
        await route.fulfill({ contentType: "text/event-stream", body: `retry: 50\n\n${events.join("")}` });
    });
    await openCache(page);
    const job = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "some-tape" }) });
    const bar = job.getByRole("progressbar", { name: "some-tape, done so far" });
    await expect(bar).toHaveAttribute("value", "2");
    await expect(bar).toHaveAttribute("max", "4");
    await expect(job).toContainText("“Tea” is ready");
    await expect(job.getByRole("listitem")).toHaveText(["“Hiss”: <b>damaged</b> & short"]);
    await expect(page.getByRole("status")).toHaveText("some-tape: begun");
    await expectAccessible(page);

    release();
    await expect(job).toContainText("Done: 3 tracks made ready, 1 failed");
    await expect(bar).toBeHidden();
    await expect(job.getByRole("listitem")).toHaveCount(1);
    await expect(page.getByRole("status")).toHaveText("some-tape: done, 3 tracks made ready, 1 failed");
    await expect(page.getByText("The connection is lost. Trying again.")).toBeVisible();
    await page.getByRole("link", { name: "Show the new figures" }).click();
    await expect(page.getByRole("table")).toContainText("Medium 192 kbit/s");
});

test("the owner pre-caches a tape, has it made again, and clears it away", async ({ page, isMobile }) => {
    test.skip(isMobile, "once is enough for the one cache that all tests share");
    await openCache(page);
    await page.getByRole("combobox", { name: "Mixtape" }).selectOption({ label: "First Warm Evening" });
    await page.getByRole("button", { name: "Pre-cache" }).click();
    const job = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "First Warm Evening" }) });
    await expect(job).toContainText("10 of 10", { timeout: 45_000 });
    await expect(job).toContainText(/Done: \d+ tracks? made ready/);
    await page.getByRole("combobox", { name: "Mixtape" }).selectOption({ label: "First Warm Evening" });
    await page.getByRole("button", { name: "Make again" }).click();
    await expect(job).toContainText("Done: 8 tracks made ready, 2 needed nothing", { timeout: 45_000 });
    await page.reload();
    const medium = page.getByRole("row", { name: /^Medium/ }).getByRole("cell").first();
    await expect(medium).not.toHaveText("0");
    const clear = async (quality: string) => {
        await page.getByText("Clear the cache…").click();
        await page.getByRole("radio", { name: "Of any age" }).check();
        await page.getByRole("combobox", { name: "Quality" }).selectOption({ label: quality });
        await expectAccessible(page);
        await page.getByRole("button", { name: "Clear these files" }).click();
    };
    await clear("High");
    await expect(page.getByText(/^Cleared .*cached files? of high quality\.$/)).toBeVisible();
    await expect(medium).not.toHaveText("0");
    await clear("Every quality");
    await expect(page.getByText(/^Cleared .*cached files?\.$/)).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`in ${colorScheme} colours, without JavaScript`, () => {
        test.use({ colorScheme, javaScriptEnabled: false });
        test("figures and forms are there", async ({ page }) => {
            await openCache(page);
            await expect(page.getByRole("table").getByRole("row")).toHaveCount(5);
            await expect(page.getByRole("button", { name: "Pre-cache" })).toBeVisible();
            await page.getByRole("link", { name: "Mixtapes" }).click();
            await expect(page.getByRole("heading", { level: 1 })).toHaveText("Mixtapes");
        });
    });
}

test("the library page counts the demo's music, and reads it again", async ({ page }) => {
    await signIn(page);
    await page.getByRole("link", { name: "Library" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Library");
    const job = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Music library" }) });
    await expect(job).toContainText("Done: 13 files");
    await page.reload();
    await expect(page.locator(".figure").filter({ hasText: "Tracks" })).toContainText("13");
    await expect(page.getByRole("row", { name: /FLAC/ })).toBeVisible();
    await expect(page.getByText("Every file could be read.")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("checkbox", { name: "Also what has not changed" }).check();
    await page.getByRole("button", { name: "Read again" }).click();
    await expect(job).toContainText("Done: 13 files, 13 read again");
});
