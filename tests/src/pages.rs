//! The examples in the manual pages, as they are read on a terminal.

/// An example: what the comment before it says, and its text.
pub struct Block {
    pub what: String,
    pub text: String,
}

/// The examples of a page that a comment `.\" test: …` goes before.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut what, mut block) = (None, None);
    for line in page.lines() {
        match (line, &mut block) {
            (".EX", _) => block = what.take().map(|what| Block { what, text: String::new() }),
            (".EE", _) => blocks.extend(block.take()),
            (_, Some(block)) => block.text += &format!("{}\n", plain(line)),
            (_, None) => what = line.strip_prefix(".\\\" test: ").map(str::to_owned),
        }
    }
    blocks
}

/// A line of roff as it is read on a terminal.
fn plain(line: &str) -> String {
    [("\\&", ""), ("\\-", "-"), ("\\(aq", "'"), ("\\(ga", "`"), ("\\(ha", "^"), ("\\(ti", "~"), ("\\e", "\\")]
        .iter()
        .fold(line.to_owned(), |line, (roff, text)| line.replace(roff, text))
}
