//! Text in XML and HTML.

use super::escape::visible;

/// `text` as character data or as the value of an attribute in quotes. What XML forbids and what a viewer may act upon was
/// made visible before (XML 1.0, section 2.2; HTML, "Escaping a string").
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Left over by `visible`: not characters of XML.
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_remains_markup() {
        assert_eq!(escaped("<a b='c'>&\"\u{0}\u{ffff}"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;␀�");
    }
}
