// Making a mixtape: from an empty desk to a link, moved by keyboard and by finger, saved without being asked.
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "@playwright/test";
import { add, makeTape, openDesk, show, SONGS, titles } from "./making";
import { expect, expectAccessible, signIn, test } from "./support";

/** Drags with a finger where there is one, and else with the mouse. */
async function drag(page: Page, grip: Locator, onto: Locator, isMobile: boolean): Promise<void> {
    await grip.scrollIntoViewIfNeeded();
    const [from, to] = [(await grip.boundingBox())!, (await onto.boundingBox())!];
    const start = { x: from.x + from.width / 2, y: from.y + from.height / 2 };
    const end = { x: to.x + 20, y: to.y + 4 };
    if (!isMobile) {
        await page.mouse.move(start.x, start.y);
        await page.mouse.down();
        await page.mouse.move(end.x, end.y, { steps: 5 });
        await page.mouse.up();
        return;
    }
    const session = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
        session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await touch("touchStart", [start]);
    for (let step = 1; step <= 5; step++) {
        const part = step / 5;
        await touch("touchMove", [{ x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part }]);
    }
    await touch("touchEnd", []);
    await session.detach();
}

test.beforeEach(({ page }) => signIn(page));

test("from an empty desk to a shared mixtape", async ({ page, context }, { project }) => {
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
    await sheet.getByRole("button", { name: "Share it" }).click();
    await expect(sheet.getByRole("textbox", { name: "Link" })).toHaveValue(new RegExp(`/share/rain-${project.name}`));
    await expect(sheet.getByRole("img")).toBeVisible();
    await expectAccessible(page);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await sheet.getByRole("button", { name: "Player for a web page" }).click();
    await expect(sheet.getByRole("button", { name: "Copied" })).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`/embed/rain-${project.name}" width="100%"`);
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

test("tracks move by keyboard, mouse and finger, leave the tape and come back", async ({ page, isMobile }, { project }) => {
    await makeTape(page, `Order ${project.name}`);
    await page.getByRole("button", { name: "Move Siesta, number 1" }).focus();
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("button", { name: "Move Siesta, number 2" })).toBeFocused();
    await page.keyboard.press("End");
    expect(await titles(page)).toEqual(["Snow Light", "Roller Rink", "Siesta"]);

    const grip = page.getByRole("button", { name: "Move Siesta, number 3" });
    await drag(page, grip, page.locator(".deck-track").first(), isMobile);
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

test("a song is dragged from the search to its place on the tape", async ({ page, isMobile }, { project }) => {
    test.skip(isMobile, "search and tape are not side by side on a phone");
    await makeTape(page, `Dragged ${project.name}`);
    await page.getByRole("searchbox").fill("Porch Light");
    const found = page.getByRole("region", { name: "Songs" }).getByText("Porch Light", { exact: true });
    await found.dragTo(page.locator(".deck-track").nth(1), { targetPosition: { x: 60, y: 6 } });
    await expect.poll(() => titles(page)).toEqual([SONGS[0], "Porch Light", SONGS[1], SONGS[2]]);
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
});

test("a cover that only the browser can read is kept", async ({ page }, { project }) => {
    await makeTape(page, `Cover ${project.name}`);
    await page.getByRole("button", { name: "Change the cover" }).click();
    await page.getByLabel("A picture of yours").setInputFiles(fileURLToPath(new URL("../fixtures/two-halves.avif", import.meta.url)));
    const cover = page.locator(".deck-picture img");
    await expect(cover).toBeVisible();
    await expect.poll(() => cover.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(48);
    const colours = await cover.evaluate((image: HTMLImageElement) => {
        const canvas = new OffscreenCanvas(48, 48).getContext("2d")!;
        canvas.drawImage(image, 0, 0);
        return [12, 36].map((x) => [...canvas.getImageData(x, 24, 1, 1).data.slice(0, 3)]);
    });
    const [paper, rust] = colours;
    expect(Math.min(...paper)).toBeGreaterThan(200);
    expect(rust[0] - rust[2]).toBeGreaterThan(100);
});

test("what is made ready after a save is told, and can be looked at", async ({ page }, { project }) => {
    await makeTape(page, `Ready ${project.name}`);
    const line = page.getByRole("button", { name: "Ready to be heard" });
    await expect(line).toBeVisible();
    await line.click();
    const dialog = page.getByRole("dialog", { name: "Ready for its listeners" });
    await expect(dialog.getByText("3 of 3")).toBeVisible();
    await expect(dialog.getByRole("log").getByRole("listitem")).toHaveCount(3);
    await expectAccessible(page);
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

test("a browser that cannot keep the changes says so instead of promising it", async ({ page, context }, { project }) => {
    await page.addInitScript(() => {
        Storage.prototype.setItem = () => {
            throw new DOMException("full", "QuotaExceededError");
        };
    });
    await makeTape(page, `Full ${project.name}`);
    await context.setOffline(true);
    await page.getByRole("button", { name: "Take Siesta off the tape" }).click();
    const words = page.getByText("The server cannot be reached, and this browser could not keep your changes.");
    await expect(words).toBeVisible();
    await expect(page.getByText("This browser keeps the tape")).toHaveCount(0);
    await context.setOffline(false);
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
});
