// The small player inside somebody else's page: it fits, it plays, and it keeps what is not for everybody.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FrameLocator, Page } from "@playwright/test";
import { expect, expectAccessible, saveTape, signIn, TAPE, test } from "./support";

const EMBED = TAPE.replace("/share/", "/embed/");

/** A page of another site that shows an address of ours in a frame of this size. */
async function frameOnOtherSite(page: Page, address: string, width: number, height: number): Promise<FrameLocator> {
    const blog = createServer((_, response) => {
        response.setHeader("Content-Type", "text/html");
        response.end(`<!DOCTYPE html><title>A blog</title><iframe src="${address}" width="${width}" height="${height}" style="border:0"></iframe>`);
    });
    const port = await new Promise((found) => blog.listen(0, "127.0.0.1", () => found((blog.address() as AddressInfo).port)));
    page.once("close", () => blog.close());
    // To a browser another site than 127.0.0.1.
    await page.goto(`http://localhost:${port}/`);
    return page.frameLocator("iframe");
}

for (const [width, height] of [[300, 380], [600, 180], [600, 380]]) {
    test(`it plays on another site at ${width} × ${height}`, async ({ page, baseURL }) => {
        const frame = await frameOnOtherSite(page, `${baseURL}${EMBED}`, width, height);
        await expect(frame.locator("html[data-ready]")).toBeAttached();
        await expect(frame.getByRole("heading", { level: 1 })).toHaveText("First Warm Evening");
        await frame.getByRole("button", { name: "Play", exact: true }).click();
        await expect(frame.getByRole("button", { name: "Pause" })).toBeVisible();
        const time = () => frame.locator("audio.player-native").evaluate((audio: HTMLAudioElement) => audio.currentTime);
        await expect.poll(time).toBeGreaterThan(0.5);
        await frame.getByRole("button", { name: "Next track" }).click();
        await expect(frame.locator(".player-title")).not.toHaveText("Grüße aus Köln");
        // Nothing of it is cut off or needs the frame to scroll.
        const stays = await frame.locator("body").evaluate((body) => {
            const inside = [...body.querySelectorAll(".embed-head, .player button, .player input")].filter((part) => part.checkVisibility());
            const frame = { right: innerWidth, bottom: innerHeight };
            const out = inside.filter((part) => {
                const { left, top, right, bottom } = part.getBoundingClientRect();
                return left < 0 || top < 0 || right > frame.right + 0.5 || bottom > frame.bottom + 0.5;
            });
            const root = document.documentElement;
            return { parts: inside.length > 4, out: out.map((part) => part.outerHTML), scrolls: root.scrollHeight > innerHeight || root.scrollWidth > innerWidth };
        });
        expect(stays).toEqual({ parts: true, out: [], scrolls: false });
    });
}

for (const colorScheme of ["light", "dark"] as const) {
    test(`it is accessible in ${colorScheme} colours, “more” included`, async ({ page }) => {
        await page.emulateMedia({ colorScheme });
        for (const [width, height] of [[300, 380], [600, 180]]) {
            await page.setViewportSize({ width, height });
            await page.goto(EMBED);
            await expect(page.locator("html[data-ready]")).toBeAttached();
            await expectAccessible(page);
            await page.getByRole("button", { name: "More" }).click();
            await expect(page.getByRole("radio", { name: "Medium" })).toBeInViewport();
            await expectAccessible(page);
        }
    });
}

test("a tape with a password is not shown there, but leads to its page", async ({ page, baseURL }, { project }) => {
    const title = `embedded ${project.name}`;
    const slug = await saveTape(page, title, 2, {});
    await signIn(page);
    const change = { access: { password: "drizzle" }, expires_at: null, downloads: false };
    expect((await page.request.post("/api/set_sharing", { data: { slug, change } })).status()).toBe(200);
    await page.context().clearCookies();
    const frame = await frameOnOtherSite(page, `${baseURL}/embed/${slug}`, 300, 380);
    await expect(frame.getByRole("heading", { level: 1 })).toHaveText("This tape is not for everybody");
    await expect(frame.getByText(title)).toHaveCount(0);
    const opened = page.context().waitForEvent("page");
    await frame.getByRole("link", { name: "Open its page" }).click();
    await expect((await opened).getByRole("heading", { level: 1 })).toHaveText("This tape has a password");
});

test("the tape's page tells other sites of the small player", async ({ page }) => {
    await page.goto(TAPE);
    const address = await page.locator('link[type="application/json+oembed"]').getAttribute("href");
    const answer = await (await page.request.get(address ?? "")).json();
    expect(answer.type).toBe("rich");
    const source = /src="([^"]+)"/.exec(answer.html)?.[1] ?? "";
    await page.goto(source);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("First Warm Evening");
});
