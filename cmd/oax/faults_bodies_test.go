package main

var bodies = []fault{}
