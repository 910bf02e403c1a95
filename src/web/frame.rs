//! What surrounds every page, in templates of its own. A layout's own text is compiled anew with each page that extends
//! it: a quarter of the time that the compiler took.

use askama::Template;

use super::Shell;

macro_rules! parts {
    ($($(#[$what:meta])* $method:ident, $Part:ident, $path:literal;)+) => {
        $(
            #[derive(Template)]
            #[template(path = $path)]
            pub struct $Part<'a> {
                shell: &'a Shell,
            }
        )+

        impl Shell {
            $(
                $(#[$what])*
                #[must_use]
                pub fn $method(&self) -> $Part<'_> {
                    $Part { shell: self }
                }
            )+
        }
    };
}

parts! {
    /// The head, after the title.
    head, Head, "layouts/head.html";
    /// The menu and the bar on top, when signed in.
    menu_and_bar, MenuAndBar, "layouts/menu_and_bar.html";
    /// What was done before, inside.
    toast, Toast, "layouts/toast.html";
    /// What was done before, for visitors who are not signed in.
    note, Note, "layouts/note.html";
    /// The choice of language and colours.
    preferences, Preferences, "layouts/preferences.html";
    /// The pages to choose from by typing.
    palette, Palette, "layouts/palette.html";
    /// What the script speaks and asks with.
    dialogs, Dialogs, "layouts/dialogs.html";
}
