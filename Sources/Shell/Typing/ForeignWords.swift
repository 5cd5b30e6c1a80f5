import Base
import Functions
import Language

/// Words that people type as commands or functions and that vcsh does not have, with what they get.
enum ForeignWords {
  /// Explains an unknown command or function by its word.
  static let lookup: [String: String] = {
    var table: [String: String] = [:]
    for (words, hint) in commands {
      for word in words.split(separator: " ") { table[String(word)] = hint }
    }
    return table
  }()

  static var habit: Habit {
    Habit { item in
      let message = item.failure.message
      if let match = message.firstMatch(of: /^there is no function `([^`]*)`/) {
        let name = String(match.1)
        if let hint = functions[name] { return .init(hint) }
        if item.commands[name] != nil { return .init("write the command without brackets around its arguments") }
        return nil
      }
      guard let match = message.firstMatch(of: /^there is no (?:command|help on) `([^`]*)`/) else { return nil }
      let word = String(match.1)
      guard let hint = lookup[word] ?? lookup[word.lowercased()] else {
        return functionNames.contains(word)
          ? .init("write `… | summarize \(word)(COLUMN)`, or `\(word)(LIST)` in an expression") : nil
      }
      let rest = item.stage.hasPrefix(word) ? item.stage.dropFirst(word.count).trimming : ""
      if let recipe = rest.firstMatch(of: /\S+\.vc\b/), word == "vcsh" {
        return .init("this is vcsh already: `run \(recipe.output)` runs a recipe")
      }
      let first = rest.prefix { !$0.isWhitespace }.filter { $0.isLetter || $0.isNumber || "-_./".contains($0) }
      return .init(
        hint.replacing("{WORD}", with: word).replacing("{NAME}", with: first.isEmpty ? "NAME" : first))
    }
  }

  private static let functionNames: Set<String> = Set(FunctionTable.names)

  private static let elsewhere = "`{WORD}` is a program of the system's shell: run it in another terminal"

  /// `{NAME}` stands for the word after the command.
  private static let commands: [(words: String, hint: String)] = [
    // Places and screens
    (
      "cd chdir pushd popd",
      "vcsh stays in the folder where it was started: give paths from there, or use `vcsh -w DIR` for another workspace"
    ),
    ("pwd", "vcsh works in the folder where it was started; `ls` lists the objects of the workspace"),
    ("clear cls reset", "Ctrl-L clears the screen"),
    ("dir ll la l list objects who whos vars lsmagic", "`ls` lists the objects of the workspace"),
    // Help
    ("man info whatis usage helpme doc docs", "`help {NAME}` explains a command"),
    ("apropos lookup find_command", "`help --search WORDS` looks into all help texts"),
    ("h commands cmds", "`help` lists the commands"),
    ("which whereis type where_is", "`help {NAME}` explains a command; `lineage {NAME}` tells how an object was made"),
    // Leaving
    ("q :q :q! :wq :x bye logout logoff end stop", "`exit` leaves vcsh"),
    // Text tools
    ("grep egrep fgrep rg ag ack sed awk findstr", "`… | where COLUMN =~ '{NAME}'` keeps the rows that match"),
    ("wc nrow nrows len length size", "`… | count` counts rows"),
    ("cut cols pick", "`… | select COLUMN …` keeps columns"),
    ("uniq distinct drop_duplicates dedup", "`… | unique COLUMN …` keeps one row of each kind"),
    ("tee", "`… > FILE` writes a result to a file"),
    ("xargs parallel map apply foreach each", "`for x in LIST { … }` runs commands for each element"),
    ("less more pager", "long results are paged already; `mode` sets how they are shown"),
    ("cat bat view type_file", "`show {NAME}` shows an object, `inspect {NAME}` what a file holds"),
    ("echo printf puts say console.log cout disp", "`print TEXT` shows text"),
    ("find locate fd", "`ls | where name =~ '{NAME}'` finds objects; `open PATH` reads a file"),
    ("vi vim nvim nano emacs ed edit code", "edit files in another terminal; `in N --edit` changes an earlier entry"),
    // Files
    (
      "rm del delete remove unlink rmdir erase trash",
      "vcsh never deletes your files; `help drop` tells how a name leaves the workspace"
    ),
    ("cp copy", "copy files in another terminal; `export NAME FILE` writes an object to a file"),
    ("mv move ren", "`rename OLD NEW` gives an object another name; files are moved in another terminal"),
    (
      "mkdir touch ln chmod chown tar zip unzip gzip gunzip wget curl scp rsync ssh sudo su apt apt-get brew pip pip3 "
        + "conda mamba uv git hg svn make cmake docker python python3 ipython julia matlab octave Rscript jupyter bash sh "
        + "zsh fish tmux screen nvidia-smi df du free top htop nvtop ps pgrep kill killall jobs fg bg nohup disown watch "
        + "env printenv cal crontab sbatch squeue srun scancel sinfo file stat diff3 patch tr sha256sum md5sum xdg-open "
        + "hostname uname whoami id uptime lscpu lsof mount wandb tensorboard mlflow",
      elsewhere
    ),
    ("date time timeit now", "`history` tells when each entry ran, and for how many seconds"),
    // Settings
    (
      "alias unalias",
      "put `alias NAME = COMMAND …` into ~/.config/vcsh/init.vc, or define a command with `def NAME() { … }`"
    ),
    ("set setenv var const auto local declare setq assign", "`let NAME = VALUE` sets a variable"),
    ("unset unlet forget", "`help drop` tells how a name or a variable is taken away"),
    ("config configure settings options preferences", "`mode` sets how results are shown; `help` lists the commands"),
    ("vcsh", "this is vcsh already: type the command alone"),
    ("restart reload reboot", "leave with `exit` and start vcsh again; the workspace keeps all results"),
    ("version", "`vcsh --version` tells the version"),
    ("sleep wait pause", "vcsh waits for each command by itself; leave it out"),
    ("history_search reverse-i-search", "Ctrl-R searches what you typed"),
    // Programming languages
    (
      "import from using library require include #include use",
      "there is nothing to import; `open FILE as NAME` reads a file, `source FILE` runs commands"
    ),
    ("return yield", "the result of a definition is that of its last statement; leave `{WORD}` out"),
    ("while until do loop repeat", "`for x in LIST { … }` repeats commands; there is no `{WORD}`"),
    ("elif elsif elseif", "write `} else if CONDITION {`"),
    ("function func fn fun proc lambda define", "`def NAME(a, b = 3) { … }` defines a command"),
    (
      "class struct try except catch finally with pass break continue raise throw goto switch case match global async await",
      "`{WORD}` is not part of the language; `help` lists its words"
    ),
    ("True TRUE", "write `true`"),
    ("False FALSE", "write `false`"),
    (
      "None NULL Null nil NA NaN nan NAN undefined",
      "write `null`; it is less than, equal to and greater than no number"
    ),
    ("inf Inf infinity Infinity", "vcsh has no infinity: what would be infinite is null, with a reason"),
    // Tables
    ("filter query subset keep", "`… | where CONDITION` keeps rows"),
    (
      "order orderby order_by order-by arrange sort_by sort-by sortby sort_values rank",
      "`… | sort COLUMN` sorts rows; `--reverse` puts the largest first"
    ),
    (
      "group_by groupby group-by by",
      "`… | group COLUMN | summarize mean(COLUMN)`, or `… | summarize mean(COLUMN) by COLUMN`"
    ),
    ("agg aggregate summarise summary summarize_by reduce", "`… | summarize mean(COLUMN)` combines rows"),
    ("limit top take first slice nlargest", "`… | head 10` shows the first rows"),
    ("last bottom nsmallest", "`… | tail 10` shows the last rows"),
    ("merge inner_join left_join leftjoin concat", "`… | join TABLE on COLUMN` joins two tables"),
    ("columns colnames schema dtypes fields names structure str", "`… | describe` lists the columns of a table"),
    (
      "mutate transmute extend compute insert",
      "`… | select COLUMN …` keeps columns and `summarize` computes from them; no command adds a column"
    ),
    (
      "pivot melt stack unstack reshape transpose",
      "`… | summarize mean(COLUMN) by COLUMN` groups rows; tables are not reshaped"
    ),
    ("sample shuffle", "`… | head 10` shows the first rows; no command takes rows at random"),
    (
      "hist histogram scatter bar line heatmap imshow figure fig draw graph plt.plot",
      "`… | plot COLUMN --kind hist` draws; `help plot` lists the kinds"
    ),
    ("to_csv write write_csv dump savefig to_json", "`… > FILE.csv` or `… | save FILE` writes a result to a file"),
    (
      "close clf cla hold subplot show_figure",
      "vcsh keeps no windows open: a figure is text on the screen, or a file with `--figure FILE.svg`"
    ),
    ("functions operators syntax", "`help --search {WORD}` looks into all texts; `help mean` explains a function"),
    ("update alter create", "`sql \"SELECT …\"` only reads the catalogue"),
    // What twins are asked
    (
      "load read read_csv import_file torch.load np.load loadtxt fopen",
      "`open FILE as NAME` reads a checkpoint, a recording or predictions"
    ),
    (
      "train fit finetune fine-tune fit_readout",
      "`refit TWIN readout on REC/STIM` fits a readout; `calibrate` fits gain and offset"
    ),
    ("score evaluate test metrics bps accuracy performance", "`eval TWIN on REC/STIM` scores each cell"),
    ("infer forward_pass inference simulate run_model", "`predict TWIN on REC/STIM` computes predicted rates"),
    ("inspect print_model describe_model summary_model", "`show {NAME}` shows an object; `tree TWIN` its layers"),
    ("revert rollback ctrl-z", "`help undo` tells how changes are taken back"),
    ("session sessions log logs", "`history` lists what ran"),
    ("cells units", "`neurons TWIN on REC/STIM` lists cells"),
    ("stimuli recordings twins models checkpoints datasets tables", "`ls` lists the objects of the workspace"),
  ]

  private static let functions: [String: String] = [
    "len": "write `length(LIST)`, or `… | count` for a table", "size": "write `length(LIST)`",
    "std": "write `sd(…)`", "stdev": "write `sd(…)`", "stddev": "write `sd(…)`", "avg": "write `mean(…)`",
    "average": "write `mean(…)`", "var": "write `sd(…) ** 2`", "isnull": "write `VALUE == null`",
    "isnan": "write `VALUE == null`: an undefined number is null", "is_null": "write `VALUE == null`",
    "percentile": "write `quantile(VALUES, 0.95)`", "pow": "write `a ** b`",
    "print": "write `print VALUE`, without brackets",
    "ln": "write `log(…)`, the natural logarithm", "log10": "write `log(x) / log(10)`", "ceiling": "write `ceil(…)`",
    "max_by": "write `… | sort COLUMN --reverse | head 1`", "sorted": "write `… | sort COLUMN`",
    "enumerate": "write `for i in range(N) { … }`", "list": "write `[a, b]`", "dict": "write `{name: value}`",
    "type": "`help NAME` tells what a name is", "open": "write `open FILE as NAME`, without brackets",
    "exit": "`exit` leaves vcsh", "quit": "`exit` leaves vcsh", "concat": "join texts in double quotes: \"$a$b\"",
  ]
}
