// Every page: accessible, in both themes, and leading where it says.
import { expect, expectAccessible, openTape, signIn, TAPE, test } from "./support";

for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`in ${colorScheme} colours`, () => {
        test.use({ colorScheme });
        for (const path of ["/", "/login", TAPE, "/share/nobody-made-this"]) {
            test(`${path} is accessible`, async ({ page }) => {
                await page.goto(path);
                await expectAccessible(page);
            });
        }
        test("the playing tape is accessible, open sheet included", async ({ page, isMobile }) => {
            await openTape(page);
            await page.getByRole("button", { name: "Play", exact: true }).click();
            await expectAccessible(page);
            if (isMobile) {
                await page.getByRole("button", { name: "Open the player" }).click();
                await expectAccessible(page);
            }
            await page.getByRole("button", { name: "More" }).click();
            await expect(page.getByRole("radio", { name: "Medium" })).toBeChecked();
            await expectAccessible(page);
        });
        test("the owner's pages are accessible, dialogs included", async ({ page }) => {
            await signIn(page);
            await expect(page.locator("html[data-ready]")).toBeAttached();
            await expectAccessible(page);
            await page.getByRole("button", { name: "From a playlist" }).click();
            await expectAccessible(page);
            await page.keyboard.press("Escape");
            const card = page.getByRole("listitem").filter({ hasText: "First Warm Evening" });
            await card.getByRole("button", { name: "More for First Warm Evening" }).click();
            await expectAccessible(page);
            await page.keyboard.press("Escape");
            await card.getByRole("button", { name: "Share" }).click();
            const sheet = page.getByRole("dialog", { name: "Share “First Warm Evening”" });
            await sheet.getByText("Who may hear it").first().click();
            await expect(sheet.getByRole("checkbox", { name: "Listeners may keep the files" })).toBeEnabled();
            await expectAccessible(page);
            for (const path of ["/editor", "/editor/first-warm-evening", "/editor/preferences", "/admin", "/admin/library"]) {
                await page.goto(path);
                await expectAccessible(page);
            }
        });
    });
}

test("the owner signs in, opens a tape, signs out and is refused", async ({ page }) => {
    await page.goto("/mixtapes");
    await expect(page).toHaveURL(/\/login$/);
    await page.getByLabel("Owner’s password").fill("not this");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toContainText("not the password");
    await signIn(page);
    await page.getByRole("link", { name: "First Warm Evening", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("First Warm Evening");
    await page.goBack();
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.goto("/mixtapes");
    await expect(page).toHaveURL(/\/login$/);
});

test("an unknown tape is a page that says so", async ({ page }) => {
    const response = await page.goto("/share/nobody-made-this");
    expect(response?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no tape here");
});

test("the theme switch goes round and is remembered", async ({ page }) => {
    await openTape(page);
    const root = page.locator("html");
    const button = page.getByRole("button", { name: /^Colours:/ });
    await button.click();
    await expect(root).toHaveAttribute("data-theme", "light");
    await button.click();
    await expect(root).toHaveAttribute("data-theme", "dark");
    await page.reload();
    await expect(root).toHaveAttribute("data-theme", "dark");
    await expect(button).toHaveAccessibleName("Colours: dark");
    await button.click();
    await expect(root).not.toHaveAttribute("data-theme");
});

test("a link preview finds title, words and an absolute cover", async ({ page, baseURL }) => {
    await page.goto(TAPE);
    const content = (selector: string) => page.locator(selector).getAttribute("content");
    expect(await content('meta[property="og:title"]')).toContain("First Warm Evening");
    expect(await content('meta[property="og:url"]')).toBe(`${baseURL}${TAPE}`);
    expect(await content('meta[name="twitter:card"]')).toBe("summary_large_image");
    const image = (await content('meta[property="og:image"]')) ?? "";
    expect(image.startsWith(`${baseURL}/og/first-warm-evening.jpg?v=`)).toBe(true);
    const cover = await page.request.get(image);
    expect([cover.status(), cover.headers()["content-type"]]).toEqual([200, "image/jpeg"]);
});
