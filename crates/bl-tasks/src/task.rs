//! A task: where its data come from, and what there is to learn.

mod images;
mod sequences;
mod typed;

use std::path::{Path, is_separator};

use bl_core::Io;
use bl_core::io::{Read, Signal};

use crate::catalogue::{Data, find_task};
use crate::foreign::Start;
use crate::form::Form;
use crate::kind::Kind;
use crate::kinds::{CognitiveTask, ForecastTask, GenerateTask, Images, ReachTask, Texts, TrialsTask};
use crate::series::Mend;
use crate::texts::{self, TextForm, Wanted};
use crate::{DataDir, Error, Source, folder, table, trials};

/// Something to learn.
pub struct Task {
    /// Name in the catalogue, or of the user's folder or file.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where the data came from.
    pub source: Source,
    /// What must be said loudly, on the screen and in the adapter: why this is not the full official set.
    pub notice: Option<String>,
    /// How images were brought to one form: what was found and what was chosen.
    pub prepared: Option<String>,
    /// Licence of the data.
    pub licence: Option<String>,
    /// What there is to learn.
    pub what: What,
}

/// The kinds of tasks.
pub enum What {
    /// Images to tell apart.
    Images(Images),
    /// Texts to tell apart.
    Texts(Texts),
    /// A series to forecast.
    Forecast(ForecastTask),
    /// A trajectory to generate without input.
    Generate(GenerateTask),
    /// Movements to targets.
    Reach(ReachTask),
    /// Trials to classify, or to answer step by step.
    Trials(TrialsTask),
    /// A cognitive task.
    Cognitive(CognitiveTask),
    /// A kind of the caller's own.
    Own(Box<dyn Kind>),
}

impl What {
    /// What every kind says of itself.
    pub fn kind(&self) -> &dyn Kind {
        match self {
            Self::Images(kind) => kind,
            Self::Texts(kind) => kind,
            Self::Forecast(kind) => kind,
            Self::Generate(kind) => kind,
            Self::Reach(kind) => kind,
            Self::Trials(kind) => kind,
            Self::Cognitive(kind) => kind,
            Self::Own(kind) => &**kind,
        }
    }

    pub(crate) fn kind_mut(&mut self) -> &mut dyn Kind {
        match self {
            Self::Images(kind) => kind,
            Self::Texts(kind) => kind,
            Self::Forecast(kind) => kind,
            Self::Generate(kind) => kind,
            Self::Reach(kind) => kind,
            Self::Trials(kind) => kind,
            Self::Cognitive(kind) => kind,
            Self::Own(kind) => &mut **kind,
        }
    }
}

/// Where data are looked for, and what a user may choose of a task; the defaults are the task's own.
#[derive(Clone, Debug)]
pub struct Request {
    /// The folder of data sets.
    pub data: DataDir,
    /// Of images, the form that they are brought to.
    pub form: Form,
    /// Of texts, the columns of a table and the form of the rows that they become.
    pub text: TextForm,
    /// Of a text file, which column; the only one, if not stated.
    pub column: Option<String>,
    /// Of a text file, the column that was learned from: the one to take if none is stated and the file has it.
    pub learned: Option<String>,
    /// Of a table of numbers, the columns that go in at each step.
    pub inputs: Vec<String>,
    /// Of a table of numbers, the columns that are to be said.
    pub targets: Vec<String>,
    /// Of a table of numbers with several series, the column that tells them apart.
    pub group: Option<String>,
    /// Of trials with a class each, which steps say what class that is; the mean of all, if not stated.
    pub read: Option<Read>,
    /// Of a text file, how it is put in order.
    pub mend: Mend,
    /// How many samples ahead is forecast.
    pub horizon: Option<usize>,
    /// Samples in which a network forgets its first state and is not judged.
    pub washout: Option<usize>,
    /// Samples of a window that is learned from, washout included: the training part must have as many. [`WINDOW`](crate::kinds::WINDOW), if not
    /// stated.
    pub window: Option<usize>,
}

impl Request {
    /// Nothing but a folder of data sets.
    pub fn of(data: DataDir) -> Self {
        let mend = Mend::default();
        let (form, text) = (Form::default(), TextForm::default());
        Self {
            data,
            form,
            text,
            column: None,
            learned: None,
            inputs: Vec::new(),
            targets: Vec::new(),
            group: None,
            read: None,
            mend,
            horizon: None,
            washout: None,
            window: None,
        }
    }
}

impl Request {
    /// Whether columns of a table of numbers are asked for.
    fn asks_for_columns(&self) -> bool {
        !self.inputs.is_empty() || !self.targets.is_empty()
    }

    /// Refuses what tables of numbers or trials alone take.
    fn check_taken(&self, task: &str, is_table: bool, is_trials: bool) -> Result<(), Error> {
        const TABLE: &str = "it is no table of numbers (`.csv`, `.tsv`, `.txt`)";
        let options = [
            ("--inputs", !self.inputs.is_empty() && !is_table, TABLE),
            ("--targets", !self.targets.is_empty() && !is_table, TABLE),
            ("--group", self.group.is_some() && !is_table, "it is no table with `--inputs` and `--targets`"),
            ("--column", self.column.is_some() && is_table, "`--inputs` and `--targets` name its columns"),
            ("--read", self.read.is_some() && !is_trials, "it has no trials with a class each"),
        ];
        if let Some((option, _, is)) = options.into_iter().find(|(_, untaken, _)| *untaken) {
            return Err(Error::Untaken { task: task.to_owned(), option, is });
        }
        Ok(())
    }
}

impl Default for Request {
    /// Nothing but the default folder of data sets.
    fn default() -> Self {
        Self::of(DataDir::resolve(None))
    }
}

impl Task {
    /// Opens a task: a name of the catalogue; trials (`.ts`, `.npz`, or a folder with both halves); a table of numbers, if columns of it are
    /// asked for; a table of texts with labels (`.csv`, `.tsv`, `.jsonl`, plain or `.gz`), of pixels with
    /// labels, or a series (`.csv`, `.tsv`, `.txt`); or else a folder of the user's (what contains a separator, starts with a dot,
    /// or is there), of texts or of images.
    pub fn open(name: &str, request: &Request) -> Result<Self, Error> {
        let path = Path::new(name);
        let is_known = find_task(name).is_some();
        let is_trials = !is_known && trials::is_of_trials(path);
        let is_table = !is_known && is_series_file(name) && request.asks_for_columns();
        let is_text_table = !is_known && !is_table && texts::is_text_table(path, &request.text.columns);
        let is_series = is_series_file(name) && !is_text_table;
        if path.is_file() && !is_series && !is_text_table && !is_known && !is_trials {
            return Err(Error::NotATask { path: path.to_owned(), start: Start::of(path)? });
        }
        request.check_taken(name, is_table, is_trials || is_trials_of_catalogue(name))?;
        if let Some(column) = request.column.as_ref().filter(|_| !is_series) {
            return Err(Error::NoColumns { task: name.to_owned(), column: column.clone() });
        }
        if request.mend != Mend::default() && !is_series {
            return Err(Error::NothingToMend { task: name.to_owned() });
        }
        if is_trials {
            return trials::open(path, request.read);
        }
        if is_text_table {
            return texts::open_file(path, &request.text);
        }
        if !is_known && path.is_dir() && (texts::tables(path, "test").is_some() || texts::is_of_texts(path)) {
            return texts::open_folder(path, &request.text);
        }
        if let Some(info) = find_task(name) {
            return match &info.data {
                Data::Images(set) => images::open(info, set, request),
                Data::Texts(set) => texts::open_named(info, set, request),
                Data::Trials(set) => set.open(info, request),
                Data::Simulated(_) => sequences::open(info, request),
            };
        }
        if is_series && request.column.is_none() && table::is_of_pixels(path) {
            return table::open(path, &request.form);
        }
        if is_table {
            return trials::open_table(path, request);
        }
        if is_series {
            return sequences::open_file(path, request);
        }
        if name.starts_with("cognitive/") && !path.exists() {
            return Err(Error::UnknownTask { name: name.into() });
        }
        if name.contains(is_separator) || name.starts_with('.') || path.is_dir() {
            return folder::open(path, &request.form);
        }
        Err(Error::UnknownTask { name: name.into() })
    }

    /// A task of the caller's own.
    pub fn own(name: impl Into<String>, title: impl Into<String>, kind: impl Kind + 'static) -> Self {
        let what = What::Own(Box::new(kind));
        Self {
            name: name.into(),
            title: title.into(),
            source: Source::Own,
            notice: None,
            prepared: None,
            licence: None,
            what,
        }
    }

    /// What every kind says of itself.
    pub fn kind(&self) -> &dyn Kind {
        self.what.kind()
    }

    /// Which of `configs/tasks` has its default settings, as [`settings_of`] a name: folders, files and tasks of the
    /// caller's own are known by what they are, for their names may be those of other tasks.
    pub fn settings(&self) -> &'static str {
        match (self.source, self.kind().io()) {
            (Source::File | Source::Folder | Source::Own, Io::Images { input, .. }) => {
                of_images(input.channels)
            }
            (Source::File | Source::Folder | Source::Own, Io::Text { .. }) => "text",
            (Source::File | Source::Folder | Source::Own, Io::Signal { signal: Signal::Trials(_), .. }) => {
                "trials"
            }
            (_, Io::Values { input, .. }) if input.target.is_some() => "numbers",
            (_, Io::Values { .. }) => "values",
            (Source::Folder, _) => "folder",
            (_, Io::Images { input, .. }) if input.channels == 3 && settings_of(&self.name) == "images" => {
                of_images(3)
            }
            (Source::File | Source::Own, Io::Signal { .. }) => "series",
            _ => settings_of(&self.name),
        }
    }

    /// The images, if it has some.
    pub fn images(&self) -> Option<&Images> {
        self.what.images().ok()
    }
}

/// The settings of images that are in no catalogue, or in another form than there.
fn of_images(channels: u32) -> &'static str {
    if channels == 3 { "colour" } else { "folder" }
}

/// Which of `configs/tasks` has the default settings of a task: its own, or that of the user's series or folders.
pub fn settings_of(name: &str) -> &'static str {
    match find_task(name) {
        Some(info) => info.settings,
        None if texts::is_text_table(Path::new(name), &Wanted::default()) => "text",
        None if trials::is_of_trials(Path::new(name)) => "trials",
        None if is_series_file(name) && !table::is_of_pixels(Path::new(name)) => "series",
        None => "folder",
    }
}

fn is_trials_of_catalogue(name: &str) -> bool {
    find_task(name).is_some_and(|info| info.trials().is_some())
}

/// Whether a path looks like a series rather than a folder of images.
pub fn is_series_file(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    matches!(extension.map(str::to_lowercase).as_deref(), Some("csv" | "tsv" | "txt"))
}
