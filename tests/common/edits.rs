//! Histories made at random: scripts of edits over a few files, on two branches that part and merge.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

/// Most lines of a file; what an edit would add behind them is left out.
const MAX_LINES: usize = 700;

/// What lines are drawn from.
pub(crate) struct Material {
    /// Lines, none with a line end.
    pub(crate) lines: Vec<String>,
    /// Whole files: name and lines.
    pub(crate) files: Vec<(String, Vec<String>)>,
}

/// Where the lines of an edit come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Line(u16),
    Lines([u16; 3]),
    /// Lines of one of the files that the script is about.
    Part {
        file: u8,
        start: u16,
        count: u8,
    },
    /// So many lines that say nothing, of so many words.
    Filler {
        count: u8,
        words: u8,
    },
    /// Lines of base64, as of a picture.
    Blob(u8),
}

/// A change of one file. All numbers are taken modulo what there is.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Insert { file: u8, at: u16, source: Source },
    Delete { file: u8, at: u16, count: u8 },
    Replace { file: u8, at: u16, count: u8, source: Source },
    Move { file: u8, from: u16, count: u8, to: u16 },
    Whole { file: u8 },
    Swap { file: u8, with: u8 },
    Revert { file: u8, commit: u8 },
    Remove { file: u8 },
    Rename { file: u8, to: u8 },
    Copy { file: u8, to: u8 },
    TurnEnds { file: u8 },
    TurnLastEnd { file: u8 },
}

/// What one commit does.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Goes on from the other branch.
    switch: bool,
    /// Merges the other branch: for each path a bit that says whose file is taken.
    merge: Option<u16>,
    edits: Vec<Edit>,
}

/// A history in the making.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The files of the material that it is about.
    chosen: [prop::sample::Index; 3],
    /// The paths beside those of these files.
    paths: [prop::sample::Index; 3],
    /// How many of all these paths there are.
    width: usize,
    steps: Vec<Step>,
}

/// Where files stand beside those of the material: each is read in another way.
const PATHS: &[&str] = &[
    "a.py",
    "src/b.js",
    "c.go",
    "conf/app.yaml",
    "d.env",
    "e.conf",
    "f.json",
    "notes.md",
    "g.xml",
    "run.sh",
    "h.tf",
    "Dockerfile",
    "i.rs",
    "j.key",
    "k.ini",
    "l.properties",
    "tests/m.rb",
    "n.php",
    "lang/en.json",
    "o.java",
];

/// Scripts over histories of at most `commits` commits.
pub(crate) fn scripts(commits: usize) -> impl Strategy<Value = Script> {
    let index = any::<prop::sample::Index>;
    let steps = prop::collection::vec(step(), 2..commits);
    let three = || [index(), index(), index()];
    (three(), three(), steps).prop_map(|(chosen, paths, steps)| Script { chosen, paths, width: 6, steps })
}

/// The same with one path, whose file begins as one of the material.
pub(crate) fn scripts_of_one_file(commits: usize) -> impl Strategy<Value = Script> {
    let whole = Step { switch: false, merge: None, edits: vec![Edit::Whole { file: 0 }] };
    scripts(commits).prop_map(move |script| {
        let steps = std::iter::once(whole.clone()).chain(script.steps).collect();
        Script { width: 1, steps, ..script }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let merge = prop::option::weighted(0.08, any::<u16>());
    (prop::bool::weighted(0.15), merge, prop::collection::vec(edit(), 0..4)).prop_map(|(switch, merge, edits)| Step {
        switch,
        merge,
        edits,
    })
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        4 => any::<u16>().prop_map(Source::Line),
        3 => any::<[u16; 3]>().prop_map(Source::Lines),
        4 => (0..3_u8, any::<u16>(), 1..12_u8).prop_map(|(file, start, count)| Source::Part { file, start, count }),
        2 => (1..60_u8, 0..24_u8).prop_map(|(count, words)| Source::Filler { count, words }),
        1 => (1..40_u8).prop_map(Source::Blob),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let file = || 0..6_u8;
    let at = any::<u16>;
    prop_oneof![
        6 => (file(), at(), source()).prop_map(|(file, at, source)| Edit::Insert { file, at, source }),
        5 => (file(), at(), 1..8_u8).prop_map(|(file, at, count)| Edit::Delete { file, at, count }),
        5 => (file(), at(), 1..4_u8, source())
            .prop_map(|(file, at, count, source)| Edit::Replace { file, at, count, source }),
        3 => (file(), at(), 1..6_u8, at()).prop_map(|(file, from, count, to)| Edit::Move { file, from, count, to }),
        3 => file().prop_map(|file| Edit::Whole { file }),
        1 => (file(), 0..3_u8).prop_map(|(file, with)| Edit::Swap { file, with }),
        2 => (file(), any::<u8>()).prop_map(|(file, commit)| Edit::Revert { file, commit }),
        1 => file().prop_map(|file| Edit::Remove { file }),
        1 => (file(), file()).prop_map(|(file, to)| Edit::Rename { file, to }),
        1 => (file(), file()).prop_map(|(file, to)| Edit::Copy { file, to }),
        1 => file().prop_map(|file| Edit::TurnEnds { file }),
        1 => file().prop_map(|file| Edit::TurnLastEnd { file }),
    ]
}

/// One file of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct File {
    lines: Vec<String>,
    has_carriage_returns: bool,
    lacks_last_end: bool,
}

impl File {
    fn text(&self) -> String {
        let end = if self.has_carriage_returns { "\r\n" } else { "\n" };
        let mut text = self.lines.iter().fold(String::new(), |text, line| text + line + end);
        if self.lacks_last_end {
            text.truncate(text.len().saturating_sub(end.len()));
        }
        text
    }

    fn insert(&mut self, at: u16, lines: Vec<String>) {
        let at = usize::from(at) % (self.lines.len() + 1);
        self.lines.splice(at..at, lines);
        self.lines.truncate(MAX_LINES);
    }

    fn remove(&mut self, at: u16, count: u8) -> Vec<String> {
        let at = usize::from(at) % (self.lines.len() + 1);
        let end = self.lines.len().min(at + usize::from(count));
        self.lines.drain(at..end).collect()
    }
}

type Tree = BTreeMap<String, File>;

/// A commit of the model: what its files hold, and its parents by their places.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) parents: Vec<usize>,
    /// 0 for the branch that `HEAD` is on.
    pub(crate) branch: usize,
}

impl Script {
    /// Carries the script out.
    pub(crate) fn commits(&self, material: &Material) -> Vec<Commit> {
        let chosen: Vec<&(String, Vec<String>)> =
            self.chosen.iter().map(|index| &material.files[index.index(material.files.len())]).collect();
        let named = chosen.iter().enumerate().map(|(at, (name, _))| format!("{at}/{name}"));
        let mut paths: Vec<String> = named.collect();
        paths.extend(self.paths.iter().map(|index| PATHS[index.index(PATHS.len())].to_owned()));
        paths.truncate(self.width);
        let mut trees: Vec<Tree> = Vec::new();
        let mut commits: Vec<Commit> = Vec::new();
        let mut tips: [Option<usize>; 2] = [None, None];
        let mut branch = 0;
        for step in &self.steps {
            if step.switch && tips[0].is_some() {
                branch = 1 - branch;
            }
            let parent = tips[branch].or(tips[0]);
            let mut tree = parent.map(|parent| trees[parent].clone()).unwrap_or_default();
            let mut parents: Vec<usize> = parent.into_iter().collect();
            let other = tips[1 - branch].filter(|other| parent.is_some_and(|parent| parent != *other));
            if let (Some(other), Some(taken)) = (other, step.merge) {
                parents.push(other);
                for (_, path) in (0..).zip(&paths).filter(|(at, _)| taken & (1 << at) != 0) {
                    match trees[other].get(path) {
                        Some(file) => drop(tree.insert(path.clone(), file.clone())),
                        None => drop(tree.remove(path)),
                    }
                }
            }
            let world = World { material, chosen: &chosen, paths: &paths, trees: &trees };
            for edit in &step.edits {
                world.carry_out(edit, &mut tree);
            }
            let files = tree.iter().map(|(path, file)| (path.clone(), file.text())).collect();
            tips[branch] = Some(commits.len());
            commits.push(Commit { files, parents, branch });
            trees.push(tree);
        }
        commits
    }
}

/// What edits draw from.
struct World<'a> {
    material: &'a Material,
    chosen: &'a [&'a (String, Vec<String>)],
    paths: &'a [String],
    trees: &'a [Tree],
}

impl World<'_> {
    fn lines(&self, source: &Source) -> Vec<String> {
        let line = |at: u16| self.material.lines[usize::from(at) % self.material.lines.len()].clone();
        match *source {
            Source::Line(at) => vec![line(at)],
            Source::Lines(all) => all.map(line).to_vec(),
            Source::Part { file, start, count } => {
                let lines = &self.chosen[usize::from(file)].1;
                let start = usize::from(start) % (lines.len() + 1);
                lines.iter().skip(start).take(usize::from(count)).cloned().collect()
            }
            Source::Filler { count, words } => {
                (0..count).map(|number| format!("{number} {}", "and so on ".repeat(words.into()))).collect()
            }
            Source::Blob(count) => {
                let line = |number: u64| super::cli::Random(number).text(super::cli::BASE62, 76);
                (0..u64::from(count)).map(line).collect()
            }
        }
    }

    fn carry_out(&self, edit: &Edit, tree: &mut Tree) {
        let path = |at: u8| self.paths[usize::from(at) % self.paths.len()].clone();
        match edit {
            Edit::Insert { file, at, source } => tree.entry(path(*file)).or_default().insert(*at, self.lines(source)),
            Edit::Delete { file, at, count } => drop(tree.entry(path(*file)).or_default().remove(*at, *count)),
            Edit::Replace { file, at, count, source } => {
                let file = tree.entry(path(*file)).or_default();
                let place = *at % u16::try_from(file.lines.len() + 1).unwrap();
                file.remove(place, *count);
                file.insert(place, self.lines(source));
            }
            Edit::Move { file, from, count, to } => {
                let file = tree.entry(path(*file)).or_default();
                let lines = file.remove(*from, *count);
                file.insert(*to, lines);
            }
            Edit::Whole { file } => {
                let lines = self.chosen[usize::from(*file) % self.chosen.len()].1.clone();
                tree.insert(path(*file), File { lines, ..File::default() });
            }
            Edit::Swap { file, with } => {
                let lines = self.chosen[usize::from(*with)].1.clone();
                tree.insert(path(*file), File { lines, ..File::default() });
            }
            Edit::Revert { file, commit } => {
                let earlier = self.trees.get(usize::from(*commit) % self.trees.len().max(1));
                if let Some(earlier) = earlier.and_then(|tree| tree.get(&path(*file))) {
                    tree.insert(path(*file), earlier.clone());
                }
            }
            Edit::Remove { file } => drop(tree.remove(&path(*file))),
            Edit::Rename { file, to } => {
                if let Some(moved) = tree.remove(&path(*file)) {
                    tree.insert(path(*to), moved);
                }
            }
            Edit::Copy { file, to } => {
                if let Some(copy) = tree.get(&path(*file)).cloned() {
                    tree.insert(path(*to), copy);
                }
            }
            Edit::TurnEnds { file } => {
                let file = tree.entry(path(*file)).or_default();
                file.has_carriage_returns = !file.has_carriage_returns;
            }
            Edit::TurnLastEnd { file } => {
                let file = tree.entry(path(*file)).or_default();
                file.lacks_last_end = !file.lacks_last_end;
            }
        }
    }
}

/// The commits as git-fast-import(1) reads them: branches `main` and `other`, one second between two commits.
pub(crate) fn stream(commits: &[Commit]) -> String {
    let mut stream = String::new();
    for (place, commit) in commits.iter().enumerate() {
        let branch = ["main", "other"][commit.branch];
        let date = date(place);
        let _ = write!(
            stream,
            "commit refs/heads/{branch}\nmark :{}\nauthor A <a@example.com> {date} +0000\n\
             committer A <a@example.com> {date} +0000\ndata 4\nstep\n",
            place + 1
        );
        for (number, parent) in commit.parents.iter().enumerate() {
            let _ = writeln!(stream, "{} :{}", if number == 0 { "from" } else { "merge" }, parent + 1);
        }
        stream.push_str("deleteall\n");
        for (path, text) in &commit.files {
            let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
    }
    stream
}

/// When the commit at `place` was made, in seconds since 1970.
pub(crate) fn date(place: usize) -> usize {
    1_750_000_000 + place
}
