//! The table of findings.

use anyhow::{Result, bail};

use super::check::Finding;

/// Prints it; what should not be there is marked.
pub fn print(findings: &[Finding]) {
    for finding in findings {
        let sign = match (finding.is_promise, finding.count) {
            (false, _) => " ",
            (true, 0) => "✓",
            (true, _) => "✗",
        };
        println!("  {sign} {:<34} {:>12}", finding.name, finding.count);
        if finding.is_promise && finding.count != 0 {
            for example in &finding.examples {
                println!("      {example}");
            }
        }
    }
}

/// # Errors
/// When a promise did not hold.
pub fn verdict(findings: &[Finding]) -> Result<()> {
    let broken: Vec<_> = findings
        .iter()
        .filter(|finding| finding.is_promise && finding.count != 0)
        .map(|finding| finding.name)
        .collect();
    if broken.is_empty() {
        Ok(())
    } else {
        bail!("promises that did not hold: {}", broken.join(", "))
    }
}
