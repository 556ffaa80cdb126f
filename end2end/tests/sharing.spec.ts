// Sharing as the owner does it: a new tape is private, is shared by a press, and may be taken back.
import type { Page } from "@playwright/test";
import { makeTape } from "./making";
import { expect, expectAccessible, expectSoundAdvances, saveTape, signIn, sound, test } from "./support";

/** What somebody with the link, and nothing else, gets. */
async function status(page: Page, link: string): Promise<number> {
    const answer = await page.context().browser()!.newContext().then((guest) => guest.request.get(link));
    return answer.status();
}

for (const colorScheme of ["light", "dark"] as const) {
    test(`a new tape is private until Share is pressed, and is taken back, in ${colorScheme} colours`, async ({ page, baseURL }, { project }) => {
        await page.emulateMedia({ colorScheme });
        await signIn(page);
        const slug = `summer-${colorScheme}-${project.name}`;
        await makeTape(page, `Summer ${colorScheme} ${project.name}`);
        expect(await status(page, `${baseURL}/share/${slug}`)).toBe(404);
        await page.getByRole("button", { name: "Share" }).click();
        const sheet = page.getByRole("dialog", { name: /^Share/ });
        await expect(sheet.getByText("Only you can hear this mixtape.")).toBeVisible();
        await expect(sheet.getByRole("textbox", { name: "Link" })).toBeHidden();
        await expect(sheet.getByRole("radio", { name: slug })).toBeChecked();
        await expectAccessible(page);
        await sheet.getByRole("button", { name: "Share it" }).click();
        await expect(sheet.getByRole("textbox", { name: "Link" })).toHaveValue(`${baseURL}/share/${slug}`);
        await expect(sheet.getByRole("img")).toBeVisible();
        await expectAccessible(page);
        expect(await status(page, `${baseURL}/share/${slug}`)).toBe(200);

        await sheet.getByRole("button", { name: "Stop sharing" }).click();
        await expect(sheet.getByText("Only you can hear this mixtape.")).toBeVisible();
        expect(await status(page, `${baseURL}/share/${slug}`)).toBe(404);
        await sheet.getByRole("radio", { name: "One that nobody can guess" }).check();
        await sheet.getByRole("button", { name: "Share it" }).click();
        const link = sheet.getByRole("textbox", { name: "Link" });
        await expect(link).toHaveValue(new RegExp(`/share/${slug}-[a-z2-9]{10}$`));
        expect(await status(page, await link.inputValue())).toBe(200);
        expect(await status(page, `${baseURL}/share/${slug}`)).toBe(404);
    });
}

test("the list shows what is private, and the page of such a tape says so to its owner", async ({ page }, { project }) => {
    await signIn(page);
    const name = `Private ${project.name}`;
    await makeTape(page, name);
    await page.getByRole("link", { name: "Listen" }).click();
    await expect(page.getByText("Only you can see this page.")).toBeVisible();
    await expectAccessible(page);
    await page.goto("/mixtapes");
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await page.getByRole("searchbox").fill(name);
    const card = page.locator(".shelf-card");
    await expect(card).toHaveCount(1);
    await expect(card.getByText("Only for you")).toBeVisible();
    await card.getByRole("button", { name: "Share" }).click();
    await page.getByRole("button", { name: "Share it" }).click();
    await expect(card.getByText("Only for you")).toBeHidden();
});

test("a tape with a password plays from addresses of its own", async ({ page }, { project }) => {
    const slug = await saveTape(page, `closed ${project.name}`, 2, {});
    await signIn(page);
    const change = { access: { password: "drizzle" }, expires_at: null, downloads: false };
    expect((await page.request.post("/api/set_sharing", { data: { slug, change } })).status()).toBe(200);
    await page.context().clearCookies();
    await page.goto(`/share/${slug}`);
    await page.getByLabel("The password that came with the link").fill("drizzle");
    await page.getByRole("button", { name: "Open it" }).click();
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await expectSoundAdvances(page);
    await page.getByRole("button", { name: "Next track" }).click();
    await expectSoundAdvances(page);
    expect((await sound(page)).source).toContain("/media/");
});
