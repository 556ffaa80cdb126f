// A tape as a gift: wrapped, opened, and played; without motion, without a script, and made in the editor.
import { expect, expectAccessible, expectSoundAdvances, saveTape, seekTo, signIn, sound, test } from "./support";

const STYLES = [
    { style: "playful", verb: "Untie the ribbon" },
    { style: "elegant", verb: "Open the letter" },
] as const;

for (const colorScheme of ["light", "dark"] as const) {
    for (const { style, verb } of STYLES) {
        test(`a gift, ${style}, is opened, and the tape plays, in ${colorScheme} colours`, async ({ page }, { project }) => {
            await page.emulateMedia({ colorScheme });
            const slug = await saveTape(page, `${style} ${colorScheme} ${project.name}`, 3, { flow_enabled: true, unwrap_style: style });
            await page.goto(`/share/${slug}`);
            await expect(page.locator("html[data-ready]")).toBeAttached();
            await expect(page.locator(".gift h1")).toHaveText("For you");
            await expect(page.locator(".card")).toHaveAttribute("inert");
            await expectAccessible(page);

            await page.getByRole("link", { name: verb }).click();
            await expect(page.locator(".gift-title")).toBeFocused();
            await expect(page.locator(".gift-title")).toHaveText(`${style} ${colorScheme} ${project.name}`);
            await expectAccessible(page);
            await page.getByRole("link", { name: "Press play" }).click();
            await expect(page.locator(".front-title")).toBeFocused();
            await expect(page.locator(".gift")).toBeHidden();
            await expect(page.locator(".card")).not.toHaveAttribute("inert");
            await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
            await expectSoundAdvances(page);
            await expect(page).toHaveURL(new RegExp(`/share/${slug}$`));
            await expectAccessible(page);

            await page.reload();
            await expect(page.locator("html[data-ready]")).toBeAttached();
            await expect(page.locator(".gift")).toHaveCount(0);
            expect((await sound(page)).paused).toBe(true);
        });
    }
}

test("a gift is skipped with the keyboard", async ({ page }, { project }) => {
    const slug = await saveTape(page, `skipped ${project.name}`, 2, { flow_enabled: true });
    await page.goto(`/share/${slug}`);
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Untie the ribbon" })).toBeFocused();
    // What is inside cannot be reached before it is open.
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to the music" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator(".front-title")).toBeFocused();
    await expectSoundAdvances(page);
});

test("a gift is opened with Enter", async ({ page }) => {
    await page.goto("/gift-elegant/first-warm-evening");
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await page.getByRole("link", { name: "Open the letter" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status").filter({ hasText: "The letter opens." })).toBeAttached();
    await expect(page.locator(".gift-title")).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Press play" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expectSoundAdvances(page);
});

test.describe("with reduced motion", () => {
    for (const { style, verb } of STYLES) {
        test(`what is in a gift, ${style}, lies there at once`, async ({ page }) => {
            await page.emulateMedia({ reducedMotion: "reduce" });
            await page.goto(`/gift-${style}/first-warm-evening?to=Ben&note=Hello`);
            await expect(page.locator("html[data-ready]")).toBeAttached();
            await expect(page.locator(".gift h1")).toHaveText("For Ben");
            await expect(page.getByText("Hello", { exact: true })).toBeVisible();
            await expect(page.getByRole("link", { name: verb })).toBeHidden();
            await expectAccessible(page);
            await page.getByRole("link", { name: "Press play" }).click();
            await expect(page.locator(".front-title")).toBeFocused();
            await expectSoundAdvances(page);
        });
    }
});

test.describe("with JavaScript off", () => {
    test.use({ javaScriptEnabled: false });

    test("a gift is a link to the tape", async ({ page }) => {
        for (const { style, verb } of STYLES) {
            await page.goto(`/gift-${style}/first-warm-evening?to=Ben`);
            await expect(page.locator(".gift h1")).toHaveText("For Ben");
            await page.getByRole("link", { name: verb }).click();
            await expect(page.getByRole("heading", { level: 1 })).toHaveText("First Warm Evening");
            await expect(page.locator(".track audio").first()).toBeVisible();
        }
    });
});

test("long words stay on the paper, at twice the size too", async ({ page }) => {
    const words = new URLSearchParams({
        to: "Donaudampfschifffahrtsgesellschaftskapitän Müller-Lüdenscheidt",
        from: "夏の終わりに窓を開けて音楽を聴いていた人たちみんなより、愛をこめて",
        note: `${"Fünfunddreißig ".repeat(30)}\n\nDanke.`,
    });
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(`/gift-playful/first-warm-evening?${words}`);
    const overflows = () => page.evaluate(() => {
        const gift = document.querySelector(".gift")!;
        return gift.scrollWidth > gift.clientWidth;
    });
    expect(await overflows()).toBe(false);
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    expect(await overflows()).toBe(false);
    await page.getByRole("link", { name: "Press play" }).scrollIntoViewIfNeeded();
    await expect(page.getByRole("link", { name: "Press play" })).toBeInViewport();
});

test("the names of the songs are told after the last one", async ({ page }, { project }) => {
    const slug = await saveTape(page, `secret ${project.name}`, 2, { flow_enabled: true, show_tracklist: false });
    await page.goto(`/share/${slug}?open=1`);
    await expect(page.locator("html[data-ready]")).toBeAttached();
    const titles = page.locator(".track-title");
    await expect(titles).toHaveText(["Track 1", "Track 2"]);
    await expect(page.locator(".player-title")).toHaveText("Track 1");
    await page.getByRole("link", { name: "Track 2" }).click();
    await expectSoundAdvances(page);
    await expect(page).toHaveTitle(/^Track 2 ·/);
    await seekTo(page, Math.floor((await sound(page)).duration) - 1);
    await expect(titles).not.toHaveText(["Track 1", "Track 2"]);
    await expect(page.locator(".track-secret")).toContainText("here are the names");
    const told = await titles.allTextContents();
    await page.reload();
    await expect(titles).toHaveText(told);
});

test("the owner makes a gift, and sees how it arrives", async ({ page, context }, { project }) => {
    const slug = await saveTape(page, `given ${project.name}`, 2, {});
    await signIn(page);
    await page.goto(`/editor/${slug}`);
    await expect(page.locator("html[data-ready]")).toBeAttached();
    const elegant = page.getByRole("radio", { name: "Elegant" });
    await expect(elegant).toBeHidden();
    await page.getByRole("checkbox", { name: "Give it as a gift" }).check();
    await elegant.check();
    await page.getByRole("checkbox", { name: "Keep the songs a secret" }).check();
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.getByLabel("For whom").fill("Ben & Co");
    await page.getByLabel("A few words").fill("Hello\n\nyou");
    await expectAccessible(page);
    const arrived = context.waitForEvent("page");
    await page.getByRole("link", { name: "See how it arrives" }).click();
    const gift = await arrived;
    await expect(gift.locator(".gift h1")).toHaveText("For Ben & Co");
    await expect(gift.getByRole("link", { name: "Open the letter" })).toBeVisible();
    await page.reload();
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await expect(elegant).toBeChecked();
    await expect(page.getByRole("checkbox", { name: "Keep the songs a secret" })).toBeChecked();
});
