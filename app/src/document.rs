//! The HTML document around every page: head, previews, scripts and the content security policy.
//! The pages themselves are in `pages`.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::components::theme_switch::THEME_SCRIPT;
use crate::page::{Frame, Page};
use crate::pages;

/// Loads the WebAssembly and wakes the islands. The names of islands end in a hash that depends on the
/// compiler, and server and browser code may come from two compilers: so the name before the hash counts.
const WAKE_SCRIPT: &str = "const mod = await import(script);\
await mod.default({ module_or_path: wasm });\
mod.hydrate();\
const named = id => mod[id] ?? mod[Object.keys(mod).find(key => key.startsWith(id.replace(/_\\d+$/, '_')))];\
for (const island of document.querySelectorAll('leptos-island')) named(island.dataset.component)?.(island);";

/// Renders the page found in the context, with its [`Frame`].
pub fn document() -> impl IntoView {
    let (frame, page) = (use_context::<Frame>(), use_context::<Page>());
    frame.zip(page).map(|(frame, page)| view! { <Document frame page/> })
}

#[component]
fn Document(frame: Frame, page: Page) -> impl IntoView {
    let nonce = use_nonce();
    let framed_by = if page.is_for_frames() { "*" } else { "'none'" };
    set_content_security_policy(nonce.as_deref().unwrap_or_default(), framed_by);
    // Only islands are brought to life; the rest is finished when it leaves the server.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    let assets = frame.assets.clone();
    let program = if page.is_owners() { assets.owner.clone() } else { assets.listeners.clone() };
    let wake = format!("const script = {:?}, wasm = {:?};{WAKE_SCRIPT}", program.script, program.wasm);
    let has_bundle = !program.script.is_empty();
    let title = pages::title(&page);
    let robots = match page {
        Page::Landing => "index",
        // A tape is for those who have its link.
        _ => "noindex",
    };
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <title>{title}</title>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f8f4ea"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#15110d"/>
                <meta name="robots" content=robots/>
                <meta name="referrer" content="strict-origin-when-cross-origin"/>
                {assets.fonts.iter().map(|font| view! {
                    <link rel="preload" href=font.clone() r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                }).collect_view()}
                {(!assets.style.is_empty()).then(|| view! { <link rel="stylesheet" href=assets.style.clone()/> })}
                <link rel="icon" href="/icon.svg" r#type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icon-180.png"/>
                <script nonce=nonce.clone()>{THEME_SCRIPT}</script>
                {has_bundle.then(|| view! {
                    <link rel="modulepreload" href=program.script.clone()/>
                    <link rel="preload" href=program.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                    <script r#type="module" nonce=nonce>{wake}</script>
                })}
                {pages::preview(&page, &frame)}
            </head>
            <body>
                <a class="skip" href="#main">"Skip to the content"</a>
                {pages::body(page)}
            </body>
        </html>
    }
}

/// Scripts only with this response's nonce or from the bundle; nothing from other hosts.
fn set_content_security_policy(nonce: &str, framed_by: &str) {
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors {framed_by}"
    );
    if let (Some(options), Ok(policy)) = (use_context::<ResponseOptions>(), policy.parse()) {
        options.insert_header(http::header::CONTENT_SECURITY_POLICY, policy);
    }
}
