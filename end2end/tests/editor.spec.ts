// Making a mixtape: from an empty desk to a link, moved by keyboard and by finger, saved without being asked.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, signIn, test } from "./support";

const SONGS = ["Siesta", "Snow Light", "Roller Rink"];

async function openDesk(page: Page): Promise<void> {
    await page.goto("/editor");
    await expect(page.locator("html[data-ready]")).toBeAttached();
}

/** On a phone the search and the tape are shown one at a time. */
async function show(page: Page, what: "Find music" | "The tape"): Promise<void> {
    const choice = page.getByRole("button", { name: new RegExp(`^${what}`) });
    if (await choice.isVisible()) await choice.click();
}

async function add(page: Page, titles: string[]): Promise<void> {
    await show(page, "Find music");
    for (const title of titles) {
        await page.getByRole("searchbox").fill(title);
        await page.getByRole("region", { name: "Songs" }).getByRole("button", { name: `Put ${title} on the tape` }).click();
    }
    await show(page, "The tape");
}

function titles(page: Page): Promise<string[]> {
    return page.locator(".deck-track .found-name").allTextContents();
}

async function makeTape(page: Page, title: string): Promise<void> {
    await openDesk(page);
    await add(page, SONGS);
    await page.getByLabel("Title").fill(title);
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
}

test.beforeEach(({ page }) => signIn(page));

test("from an empty desk to a shared mixtape", async ({ page }, { project }) => {
    const name = `Rain ${project.name}`;
    await makeTape(page, name);
    await expect(page).toHaveURL(new RegExp(`/editor/rain-${project.name}`));
    expect(await titles(page)).toEqual(SONGS);
    await page.getByPlaceholder("Why these songs").fill("For a *rainy* day");
    await page.getByRole("button", { name: "See it as listeners will" }).click();
    await expect(page.locator(".notes-text em")).toHaveText("rainy");
    await page.getByRole("button", { name: "Change the cover" }).click();
    await page.getByRole("button", { name: "Drawn for the title" }).click();
    await expect(page.locator(".deck-picture img")).toBeVisible();
    await expectAccessible(page);
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.getByRole("link", { name: "Listen" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
    await expect(page.locator(".track-title")).toHaveText(SONGS);

    await page.goto("/mixtapes");
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await page.getByRole("searchbox").fill(name);
    const card = page.locator(".shelf-card");
    await expect(card).toHaveCount(1);
    await card.getByRole("button", { name: "Share" }).click();
    const sheet = page.getByRole("dialog", { name: `Share “${name}”` });
    await expect(sheet.getByRole("textbox", { name: "Link" })).toHaveValue(new RegExp(`/share/rain-${project.name}`));
    await expect(sheet.getByRole("img")).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");

    await card.getByRole("button", { name: `More for ${name}` }).click();
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await expect(card).toHaveCount(0);
    expect((await page.request.get(`/share/rain-${project.name}`)).ok()).toBe(false);
    await page.getByRole("button", { name: "Take it out again" }).click();
    await expect(card).toHaveCount(1);
    expect((await page.request.get(`/share/rain-${project.name}`)).ok()).toBe(true);
});

test("tracks move by keyboard and by pointer, leave the tape and come back", async ({ page }, { project }) => {
    await makeTape(page, `Order ${project.name}`);
    await page.getByRole("button", { name: "Move Siesta, number 1" }).focus();
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("button", { name: "Move Siesta, number 2" })).toBeFocused();
    await page.keyboard.press("End");
    expect(await titles(page)).toEqual(["Snow Light", "Roller Rink", "Siesta"]);

    const grip = page.getByRole("button", { name: "Move Siesta, number 3" });
    await grip.scrollIntoViewIfNeeded();
    const from = (await grip.boundingBox())!;
    const to = (await page.locator(".deck-track").first().boundingBox())!;
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + 20, to.y + 4, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => titles(page)).toEqual(SONGS);

    await page.getByRole("button", { name: "Take Snow Light off the tape" }).click();
    expect(await titles(page)).toEqual(["Siesta", "Roller Rink"]);
    await page.getByRole("button", { name: "Undo" }).click();
    expect(await titles(page)).toEqual(SONGS);
    await page.getByText("C46").click();
    await expect(page.getByRole("heading", { name: /^Side A/ })).toContainText("left");
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.reload();
    expect(await titles(page)).toEqual(SONGS);
});

test("two tabs cannot overwrite each other without being asked", async ({ page, context }, { project }) => {
    await makeTape(page, `Tabs ${project.name}`);
    const other = await context.newPage();
    await other.goto(page.url());
    await expect(other.locator("html[data-ready]")).toBeAttached();
    await other.getByPlaceholder("your name").fill("Ada");
    await expect(other.getByText("Not saved yet")).toBeVisible();
    await expect(other.getByText("Saved", { exact: true })).toBeVisible();

    await page.getByPlaceholder("your name").fill("Ben");
    await expect(page.getByText("This tape was changed elsewhere meanwhile.")).toBeVisible();
    await page.getByRole("button", { name: "Take the other one" }).click();
    await expect(page.getByPlaceholder("your name")).toHaveValue("Ada");
    await page.getByPlaceholder("your name").fill("Cleo");
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();

    await other.getByPlaceholder("your name").fill("Dora");
    await other.getByRole("button", { name: "Keep mine" }).click();
    await expect(other.getByText("Saved", { exact: true })).toBeVisible();
    await page.reload();
    await expect(page.getByPlaceholder("your name")).toHaveValue("Dora");
});

test("without a connection the browser keeps the tape, and saves it later", async ({ page, context }, { project }) => {
    await makeTape(page, `Offline ${project.name}`);
    await context.setOffline(true);
    await page.getByRole("button", { name: "Take Siesta off the tape" }).click();
    await expect(page.getByText("The server cannot be reached.")).toBeVisible();
    await context.setOffline(false);
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.reload();
    expect(await titles(page)).toEqual(["Snow Light", "Roller Rink"]);

    // What was not saved before the page was left is there when it is opened again.
    await page.route("**/api/save", (route) => route.abort());
    await page.getByRole("button", { name: "Take Snow Light off the tape" }).click();
    await expect(page.getByText("The server cannot be reached.")).toBeVisible();
    await page.unroute("**/api/save");
    page.on("dialog", (dialog) => dialog.accept());
    await page.reload();
    await expect(page.getByText("Changes that were not saved the last time are here again.")).toBeVisible();
    await show(page, "The tape");
    await expect.poll(() => titles(page)).toEqual(["Roller Rink"]);
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
});
