// What the tests share: the base address, a watch over the console, and questions to the audio element.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test as base, expect, type Page } from "@playwright/test";
import { PASSWORD } from "../server";

export const TAPE = "/share/first-warm-evening";
/** The last track of the demo tape: ten minutes, for seeking. */
export const LONG_TRACK = "Ten Minutes by the Window";

export const test = base.extend<{ quietConsole: void }>({
    baseURL: async ({}, use) => use(process.env.BASE_URL),
    // A policy that blocks our own scripts, or a panic in the wasm, shows up here and nowhere else.
    quietConsole: [
        async ({ page }, use) => {
            const complaints: string[] = [];
            page.on("console", (message) => {
                if (message.type() === "error") complaints.push(message.text());
            });
            page.on("pageerror", (error) => complaints.push(String(error)));
            await use();
            // The second is Chromium's note that a page in a frame does not get the focus by itself, which it need not.
            const ours = complaints.filter((text) => !/Failed to load resource|Blocked autofocusing/.test(text));
            expect(ours, "errors in the console").toEqual([]);
        },
        { auto: true },
    ],
});

export { expect };

/** Opens the tape and waits until the player has woken up. */
export async function openTape(page: Page): Promise<void> {
    await page.goto(TAPE);
    await expect(page.locator("html[data-ready]")).toBeAttached();
}

export interface Sound {
    time: number;
    duration: number;
    paused: boolean;
    /** Bytes of sound that Chromium has really decoded. */
    decoded: number;
    source: string;
}

export function sound(page: Page): Promise<Sound> {
    return page.locator("audio.player-native").evaluate((element) => {
        const audio = element as HTMLAudioElement & { webkitAudioDecodedByteCount: number };
        return {
            time: audio.currentTime,
            duration: audio.duration,
            paused: audio.paused,
            decoded: audio.webkitAudioDecodedByteCount,
            source: decodeURIComponent(audio.currentSrc),
        };
    });
}

/** Chooses a quality behind “more”, which a phone has on the sheet of the player. */
export async function chooseQuality(page: Page, name: "Original" | "High" | "Medium" | "Low"): Promise<void> {
    const sheet = page.getByRole("button", { name: "Open the player" });
    const onSheet = await sheet.isVisible();
    if (onSheet) await sheet.click();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("radio", { name }).check();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog", { name: "More" })).toBeHidden();
    if (onSheet) await page.getByRole("button", { name: "Close the player" }).click();
}

/** Waits until the sound has moved on from where it is now. */
export async function expectSoundAdvances(page: Page): Promise<void> {
    const before = await sound(page);
    await expect.poll(async () => (await sound(page)).time, { message: "the sound moves on" }).toBeGreaterThan(before.time + 0.5);
    expect((await sound(page)).decoded).toBeGreaterThan(0);
}

/** Moves the line of time as a person does: sets it and lets go. */
export async function seekTo(page: Page, seconds: number): Promise<void> {
    await page.getByRole("slider", { name: "Place in the track" }).fill(String(seconds));
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function expectAccessible(page: Page): Promise<void> {
    // Evaluated by the test, past the page's policy, which allows no foreign script.
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
        const result = await (window as any).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
        return result.violations.map((found: any) => `${found.id}: ${found.nodes.map((node: any) => node.html).join(" | ")}`);
    });
    expect(violations).toEqual([]);
}

export async function signIn(page: Page): Promise<void> {
    await page.goto("/login");
    await page.getByLabel("Owner’s password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Mixtapes");
}

export interface Gift {
    flow_enabled?: boolean;
    unwrap_style?: "playful" | "elegant";
    show_tracklist?: boolean;
}

/** Saves and shares a tape of the first songs of the demo's as its owner would, and goes on as somebody else; answers its slug. */
export async function saveTape(page: Page, title: string, songs: number, gift: Gift): Promise<string> {
    await signIn(page);
    const demo = await (await page.request.get("/api/mixtape?slug=first-warm-evening")).json();
    const { tracks, cover } = demo.mixtape;
    const draft = { title, client_id: title, creator_name: "Ada", cover: { file: cover }, gift, tracks: tracks.slice(0, songs) };
    const saved = await page.request.post("/api/save", { data: { draft } });
    expect(saved.status(), await saved.text()).toBe(200);
    const { slug } = await saved.json();
    expect((await page.request.post("/api/share", { data: { slug } })).status()).toBe(200);
    await page.context().clearCookies();
    return slug;
}
