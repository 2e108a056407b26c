//! Trains the spam filter, cross-validates the training, and measures a weights file on labelled messages.

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use rialto_spam::features::Features;
use rialto_spam::model::Model;
use rialto_spam::train::{Example, Measures, Settings, parse, train, validate};

const USAGE: &str = "usage:
  spam-train train FILE.tsv WEIGHTS.bin     make a weights file
  spam-train validate FILE.tsv [REPEATS]    ten-fold cross-validation, everything nested (default 5 repeats)
  spam-train measure FILE.tsv WEIGHTS.bin   how well a weights file tells the messages apart
  spam-train errors FILE.tsv WEIGHTS.bin    what it gets wrong, and by how much
FILE.tsv has a message a line: `spam` or `ham`, a tab, the text.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["train", file, weights] => run_train(file, weights),
        ["validate", file] => run_validate(file, 5),
        ["validate", file, repeats] => match repeats.parse() {
            Ok(repeats @ 1..) => run_validate(file, repeats),
            _ => Err("REPEATS must be a number from 1".into()),
        },
        ["measure", file, weights] => run_measure(file, weights, false),
        ["errors", file, weights] => run_measure(file, weights, true),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read(file: &str) -> Result<Vec<Example>, Box<dyn Error>> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Ok(parse(&text).map_err(|error| format!("{file}: {error}"))?)
}

fn run_train(file: &str, weights: &str) -> Result<(), Box<dyn Error>> {
    let examples = read(file)?;
    let bytes = train(&examples, &Settings::default());
    let model = Model::parse(&bytes).ok_or("the training gave no model")?;
    std::fs::write(weights, &bytes).map_err(|error| format!("{weights}: {error}"))?;
    println!("{} messages; {} bytes; {:?}", examples.len(), bytes.len(), model.header);
    println!(
        "{} weights",
        (0..1 << model.header.log2_slots).filter(|slot| model.is_used(*slot)).count()
    );
    Ok(())
}

fn run_validate(file: &str, repeats: usize) -> Result<(), Box<dyn Error>> {
    let examples = read(file)?;
    let result = validate(&examples, &Settings::default(), (10, repeats), |fold| {
        eprintln!("{} threshold {:.3} slope {:.2}", fold.measures, fold.threshold, fold.slope);
    });
    for repeat in 0..repeats {
        println!("repeat {:2}  {}", repeat + 1, result.total(Some(repeat)));
    }
    println!("all        {}", result.total(None));
    println!("confidence: messages, of them spam");
    for (tenth, (messages, spam)) in result.reliability().iter().enumerate() {
        println!("  from 0.{tenth}  {messages:6} {spam:6}");
    }
    Ok(())
}

fn run_measure(file: &str, weights: &str, errors: bool) -> Result<(), Box<dyn Error>> {
    let examples = read(file)?;
    let bytes = std::fs::read(weights).map_err(|error| format!("{weights}: {error}"))?;
    let model = Model::parse(&bytes).ok_or("not a weights file of this version")?;
    let mut measures = Measures::default();
    let started = Instant::now();
    for example in &examples {
        let confidence = model.confidence(model.score(&Features::read(&example.text)));
        let called_spam = confidence >= 0.5;
        measures.add(example.spam, called_spam);
        if errors && called_spam != example.spam {
            println!("{confidence:.3}  {}", example.text);
        }
    }
    let each = started.elapsed() / u32::try_from(examples.len())?;
    println!("{measures}  {each:?} a message");
    Ok(())
}
