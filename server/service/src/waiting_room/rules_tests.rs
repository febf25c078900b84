use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn after(millis: i64) -> Timestamp {
    START + SignedDuration::from_millis(millis)
}

fn schedule(per_minute: u32) -> Schedule {
    Schedule(vec![first_rate(START, per_minute)])
}

fn account(number: u128) -> AccountId {
    Uuid::from_u128(number).into()
}

#[test]
fn the_first_goes_at_once_and_the_rest_at_the_rate() {
    let line = schedule(60);
    assert_eq!(line.passed(after(-1)), 0);
    assert_eq!(
        [0, 999, 1000, 59_000].map(|at| line.passed(after(at))),
        [1, 1, 2, 60]
    );
    assert_eq!(line.turn_of(1), Some(START));
    assert_eq!(line.turn_of(61), Some(after(60_000)));
}

#[test]
fn without_a_draw_nobody_has_a_turn() {
    let line = Schedule::default();
    assert_eq!((line.passed(START), line.turn_of(1)), (0, None));
    assert_eq!(standing(&line, 5, START), Standing::Waiting(5, None));
}

#[test]
fn a_turn_lasts_a_quarter_of_an_hour() {
    let line = schedule(60);
    let until = after(10_000) + PASS_FOR;
    let just_before = until - SignedDuration::from_millis(1);
    assert_eq!(
        standing(&line, 11, after(9_999)),
        Standing::Waiting(1, Some(after(10_000)))
    );
    assert_eq!(
        standing(&line, 11, after(10_000)),
        Standing::Admitted(until)
    );
    assert_eq!(standing(&line, 11, just_before), Standing::Admitted(until));
    assert_eq!(standing(&line, 11, until), Standing::Expired);
}

#[test]
fn turns_that_nobody_wanted_are_not_saved_up() {
    let line = schedule(60);
    let now = after(600_000);
    let joining: Vec<_> = (0..3).map(|number| (account(number), now)).collect();
    let seating = seat(&line, true, 4, &[], &joining, now);
    let slots: Vec<_> = seating
        .places
        .iter()
        .filter_map(|place| place.slot)
        .collect();
    assert_eq!(slots, [602, 603, 604]);
    assert_eq!((seating.newcomers, seating.next_slot), (3, 605));
}

#[test]
fn who_has_a_place_keeps_it_until_its_turn_is_over() {
    let line = schedule(60);
    let known = [(1, 1), (2, 9000)].map(|(number, slot)| PlaceRow {
        account: account(number),
        joined_at: START,
        slot: Some(slot),
    });
    let now = START + PASS_FOR;
    let again = [1, 2, 2, 3, 3].map(|number| (account(number), now));
    let seating = seat(&line, true, 9001, &known, &again, now);
    let slots: Vec<_> = seating
        .places
        .iter()
        .map(|place| (place.account, place.slot))
        .collect();
    assert_eq!(slots, [(account(1), Some(9001)), (account(3), Some(9002))]);
    assert_eq!(seating.newcomers, 1);
}

#[test]
fn before_the_draw_there_are_places_without_a_turn() {
    let seating = seat(
        &Schedule::default(),
        false,
        1,
        &[],
        &[(account(1), START), (account(1), START)],
        START,
    );
    assert_eq!(seating.places.len(), 1);
    assert_eq!((seating.places[0].slot, seating.next_slot), (None, 1));
}

/// As many as one second brings in a rush, half of whom have a place and all of whom come twice.
#[test]
fn a_crowd_that_joins_at_once_is_seated_in_the_order_it_came() {
    const CROWD: u128 = 5_000;
    let line = schedule(60);
    let known: Vec<_> = (0..CROWD / 2)
        .zip(1..)
        .map(|(number, slot)| PlaceRow {
            account: account(number),
            joined_at: START,
            slot: Some(slot),
        })
        .collect();
    let joining: Vec<_> = (0..CROWD).map(|number| (account(number), START)).collect();
    let twice = [joining.clone(), joining].concat();
    let seating = seat(&line, true, 2_501, &known, &twice, START);
    let seated: Vec<_> = seating
        .places
        .iter()
        .map(|place| (place.account, place.slot))
        .collect();
    let newcomers = (CROWD / 2..CROWD).map(account);
    let expected: Vec<_> = newcomers.zip((2_501..).map(Some)).collect();
    assert_eq!(seated, expected);
    assert_eq!((seating.newcomers, seating.next_slot), (2_500, 5_001));
}

#[test]
fn clients_ask_seldom_when_their_turn_is_far() {
    let ask = |seconds| ask_again_in(Some(SignedDuration::from_secs(seconds)), 0);
    assert_eq!([ask(-5), ask(5), ask(100), ask(86_400)], [2, 2, 10, 30]);
    assert_eq!(ask_again_in(None, 2), 2);
}

/// Pearson's chi-square over which of ten people gets which of ten places, 5,000 draws with
/// seeds in a row: 81 degrees of freedom, mean 81, deviation 12.7; six deviations are allowed.
#[test]
fn every_early_visitor_gets_every_place_equally_often() {
    const PEOPLE: usize = 10;
    const DRAWS: u32 = 5_000;
    let people: Vec<_> = (0..PEOPLE as u128).map(account).collect();
    let mut counts = [[0_u32; PEOPLE]; PEOPLE];
    for draw in 0..DRAWS {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&draw.to_be_bytes());
        for (place, who) in draw_order(&seed, people.clone()).iter().enumerate() {
            let who = people.iter().position(|known| known == who).unwrap();
            counts[who][place] += 1;
        }
    }
    let expected = f64::from(DRAWS) / 10.0;
    let chi_square: f64 = counts
        .iter()
        .flatten()
        .map(|count| (f64::from(*count) - expected).powi(2) / expected)
        .sum();
    assert!((20.0..160.0).contains(&chi_square), "{chi_square}");
}

#[test]
fn the_order_does_not_depend_on_who_came_first() {
    let people: Vec<_> = (0..50).map(account).collect();
    let backwards: Vec<_> = people.iter().rev().copied().collect();
    assert_eq!(
        draw_order(&[7; 32], people.clone()),
        draw_order(&[7; 32], backwards)
    );
    assert_ne!(
        draw_order(&[8; 32], people.clone()),
        draw_order(&[7; 32], people)
    );
}

proptest! {
    /// Whatever the organizer does to the rate, nobody's place gets worse, nobody's turn is
    /// taken back, and no more turns come than the fastest rate allows.
    #[test]
    fn changes_of_the_rate_never_take_a_place_back(
        changes in prop::collection::vec((1_u32..60_000, 0_i64..120_000), 0..8),
        steps in prop::collection::vec(0_i64..30_000, 1..40),
    ) {
        let mut line = schedule(600);
        let mut at = START;
        for (per_minute, wait) in &changes {
            at += SignedDuration::from_millis(*wait);
            let rate = line.next_rate(at, *per_minute);
            line.0.retain(|known| known.since != rate.since);
            line.0.push(rate);
        }
        let fastest = line.0.iter().map(|rate| i64::from(rate.per_minute)).max().unwrap();
        let (mut now, mut before) = (START, line.passed(START));
        for step in steps {
            now += SignedDuration::from_millis(step);
            let passed = line.passed(now);
            prop_assert!(passed >= before);
            prop_assert!(passed - before <= fastest * step / 60_000 + 1 + i64::try_from(line.0.len()).unwrap());
            let turn = line.turn_of(passed).unwrap();
            prop_assert!(turn <= now, "the last turn was at {turn}, not after {now}");
            let next = line.turn_of(passed + 1).unwrap();
            prop_assert!(next > now, "the next turn was due at {next}, before {now}");
            before = passed;
        }
    }
}
