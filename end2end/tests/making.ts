// How a tape is made in the editor, for all tests that need one of their own.
import type { Page } from "@playwright/test";
import { expect } from "./support";

export const SONGS = ["Siesta", "Snow Light", "Roller Rink"];

export async function openDesk(page: Page): Promise<void> {
    await page.goto("/editor");
    await expect(page.locator("html[data-ready]")).toBeAttached();
}

/** On a phone the search and the tape are shown one at a time. */
export async function show(page: Page, what: "Find music" | "The tape"): Promise<void> {
    const choice = page.getByRole("button", { name: new RegExp(`^${what}`) });
    if (await choice.isVisible()) await choice.click();
}

export async function add(page: Page, titles: string[]): Promise<void> {
    await show(page, "Find music");
    for (const title of titles) {
        await page.getByRole("searchbox").fill(title);
        await page.getByRole("region", { name: "Songs" }).getByRole("button", { name: `Put ${title} on the tape` }).click();
    }
    await show(page, "The tape");
}

export function titles(page: Page): Promise<string[]> {
    return page.locator(".deck-track .found-name").allTextContents();
}

export async function makeTape(page: Page, title: string): Promise<void> {
    await openDesk(page);
    await add(page, SONGS);
    await page.getByLabel("Title").fill(title);
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
}
