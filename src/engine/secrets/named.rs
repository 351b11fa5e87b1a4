//! Credentials beside the names of their providers: of the form that is known, of another one, and too short for it.

use regex_automata::Input;

use super::generic::{Candidate, Kind};
use super::{Pass, assigned, generic, placeholder, specificity};
use crate::rating::Confidence;
use crate::rules::schema::Source;
use crate::span::Span;

impl Pass<'_> {
    /// A name of the provider of matcher `id` may stand at `start`: looks for it, and for a value behind it.
    pub(super) fn name(&mut self, id: u32, start: usize) {
        let matcher = &self.index.matchers[id as usize];
        let rule = &self.index.rules[matcher.rule];
        let Source::Assigned(assigned) = &rule.narrow.source else { return };
        let Some(end) = assigned.names.iter().filter_map(|name| assigned::name_end(self.text, start, name)).max()
        else {
            return;
        };
        let name = Span::new(start, end);
        if start < self.done[id as usize] || !assigned::is_name(self.text, name) || !self.applies(id) {
            return;
        }
        let window = assigned::window(self.text, name);
        let Some((regex, group)) = matcher.regex() else { return };
        let input = Input::new(self.text).span(window.start..window.end);
        if regex.search_half(&input).is_none() {
            if !rule.informational && !assigned::says_credential(&self.text[name.start..name.end]) {
                self.unmet.push((name, matcher.shortest()));
            }
            if !rule.informational
                && let Some(value) = assigned::unfamiliar(self.text, name, window)
            {
                self.done[id as usize] = value.end;
                self.unfamiliar(value);
            }
            return;
        }
        let mut captures = regex.create_captures();
        regex.search_captures(&input, &mut captures);
        let Some(value) = captures.get_group(*group) else { return };
        let gap = &self.text[name.end..value.start];
        let secret = &self.text[value.start..value.end];
        let belongs = assigned::connects(&self.text[name.start..name.end], gap, rule.informational)
            || assigned::adjoins(gap, secret);
        if !belongs || !assigned::is_varied(secret) {
            return;
        }
        let detection = self.judge(rule, Span::new(value.start, value.end), 0, specificity::ASSIGNED);
        if let Some(detection) = detection {
            self.done[id as usize] = detection.span.end;
            self.found.push(detection);
        }
    }

    /// Reports a provider's credential of a form that its rule does not know.
    fn unfamiliar(&mut self, span: Span) {
        let secret = span.slice(self.text).unwrap_or_default();
        let Some(&index) = self.index.generic.get(generic::Kind::Secret.rule()) else { return };
        if placeholder::overwhelming(secret).is_some() || self.index.claims_to_be_known(secret) {
            return;
        }
        let facts = vec!["random value beside the name of a provider".to_owned()];
        let rule = &self.index.rules[index];
        self.found.push(self.detection(rule, span, 0, Confidence::Medium, facts, specificity::GENERIC));
    }

    /// Whether the name of `candidate` names a provider all of whose credentials are longer: a token that was cut, or a
    /// made-up one.
    pub(super) fn falls_short(&self, candidate: &Candidate) -> bool {
        let (Some(name), Kind::Secret | Kind::ApiKey) = (candidate.name, candidate.kind) else { return false };
        let first = self.unmet.partition_point(|(unmet, _)| unmet.start < name.start);
        let within = self.unmet[first..].iter().take_while(|(unmet, _)| unmet.end <= name.end);
        let of_names = within.map(|(_, shortest)| *shortest).min();
        // An ordinary word at the beginning of a rule's id is no name of a provider.
        let words = generic::words_of(name.slice(self.text).unwrap_or_default());
        let providers = words.iter().filter(|word| word.len() >= 4 && !generic::reads_as_words(word.as_bytes()));
        let of_ids = providers.filter_map(|word| self.index.shortest_of(word)).min();
        of_names
            .or(of_ids)
            .is_some_and(|shortest| candidate.decoded.as_ref().map_or(candidate.span.len(), Vec::len) < shortest)
    }
}
